/**
 * What pages cost: `node benchmarks/suite/dashboard.ts --help`.
 *
 * A made-up run of many nodes tells of each second as a real one does. Measured are the CPU time of the server that
 * several watchers follow it through, and the frames of a page in Chromium that has 10,000 points in each chart and is
 * scrolled meanwhile. Needs `npm run build`, and for the second part Debian's chromium.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import type { KeptBody } from "../../src/contracts/events.ts";
import { claimBundle } from "../../src/results/bundle/claim.ts";
import { storeBundle } from "../../test/results/stored-bundle.ts";
import { openBrowser, openPage, whyNoChromium } from "../../test/support/chromium.ts";
import { number, readCommandLine } from "./command-line.ts";

const values = readCommandLine("Measures what the dashboard costs.", {
  nodes: number("nodes of the run", 100, 1),
  watchers: number("pages that watch it", 5, 1),
  seconds: number("how long they do", 30, 5),
  points: number("seconds of the run before", 10_000, 1),
});

const root = join(import.meta.dirname, "..", "..");
/** Until pages are loaded and code is compiled. */
const settlingMs = 5_000;
const scrolledMs = 5_000;

let seq = 0;
const line = (body: KeptBody) => {
  const envelope = { v: 1, run: "bench", source: "coordinator", seq: seq++, t: new Date().toISOString() };
  return `${JSON.stringify({ ...body, ...envelope })}\n`;
};

const names = Array.from({ length: values.nodes }, (_, index) => `node${index}`);

/** One second of the load, and of the machine with its nodes. */
function secondOf(second: number): string {
  const wave = (period: number) => 1 + 0.2 * Math.sin(second / period);
  const load: KeptBody = {
    type: "load-second",
    second,
    ...{ due: 1000, sent: 1000, acknowledged: 999, committed: Math.round(1000 * wave(7)), failed: 0 },
    ...{ p50Ms: 50 * wave(11), p99Ms: 120 * wave(5), latenessP99Ms: 1.5 * wave(3), cpuRatio: 0.2 },
  };
  const nodes = names.map((node, index) => ({
    node,
    cpuRatio: 0.1 * wave(3 + index),
    memoryBytes: 1e8 * wave(9),
  }));
  const machine: KeptBody = { type: "machine-second", host: "coordinator", second, busyRatio: 0.5, nodes };
  return line(load) + line(machine);
}

const outputDir = await mkdtemp(join(tmpdir(), "baleen-dashboard-"));
const folder = await storeBundle(outputDir, { runs: [], finish: false });
await using _claim = await claimBundle(folder, { run: "bench", command: "benchmarks/suite/dashboard.ts" });
const events = join(folder, "events.ndjson");
const begin =
  line({ type: "sweep-started", network: "local", runtime: "process", loadsTps: [1000], nodes: names }) +
  line({ type: "run-created", benchmarkNumber: 1, loadTps: 1000, warmUpSecs: 0, windowSecs: 20_000 }) +
  line({ type: "load-phase", phase: "window", windowStartsAtMs: Date.now() - values.points * 1000 });
await appendFile(events, begin);
for (let second = 0; second < values.points; second++) await appendFile(events, secondOf(second));

let next = values.points;
const ticking = setInterval(() => void appendFile(events, secondOf(next++)), 1000);

const server = spawn(process.execPath, [
  join(root, "bin", "baleen.js"),
  "serve",
  "--port=0",
  `--output-dir=${outputDir}`,
]);
try {
  const url = await findUrl();
  const bundle = new URLSearchParams({ bundle: basename(folder) });
  await measureServer(url, `${url}api/events?${bundle}`);
  if (whyNoChromium === undefined) await measureFrames(`${url}run?${bundle}`);
  else console.log(`Frames: ${whyNoChromium}`);
} finally {
  clearInterval(ticking);
  server.kill("SIGKILL");
  await once(server, "exit");
  await rm(outputDir, { recursive: true, force: true });
}

async function findUrl(): Promise<string> {
  for await (const said of createInterface({ input: server.stdout })) {
    const [url] = /http:\S+/.exec(said) ?? [];
    if (url !== undefined) return url;
  }
  throw new Error("The server said nothing.");
}

interface Status {
  readonly cpuSecs: number;
  readonly upSecs: number;
  readonly memoryBytes: number;
}

async function measureServer(url: string, stream: string): Promise<void> {
  const closing = new AbortController();
  let bytes = 0;
  const begun: Promise<void>[] = [];
  const watch = async (onEvents: () => void) => {
    const reply = await fetch(stream, { signal: closing.signal });
    for await (const chunk of reply.body ?? []) {
      bytes += chunk.length;
      if (Buffer.from(chunk).includes("event: events")) onEvents();
    }
  };
  const watching = Array.from({ length: values.watchers }, () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    begun.push(promise);
    return watch(resolve).catch(() => undefined);
  });
  // Each begins with all that was before.
  await Promise.all(begun);
  const status = async () => (await (await fetch(`${url}api/status`)).json()) as Status;
  await delay(settlingMs);
  const [before, bytesBefore] = [await status(), bytes];
  await delay(values.seconds * 1000);
  const [after, bytesAfter] = [await status(), bytes];
  closing.abort();
  await Promise.all(watching);
  const share = (100 * (after.cpuSecs - before.cpuSecs)) / (after.upSecs - before.upSecs);
  const rate = (bytesAfter - bytesBefore) / values.seconds / values.watchers / 1000;
  console.log(
    `Server: ${share.toFixed(2)} % of a core with ${values.watchers} watchers of ${values.nodes} nodes, ${rate.toFixed(1)} kB/s each, ${(after.memoryBytes / 1e6).toFixed(0)} MB of memory`,
  );
}

async function measureFrames(address: string): Promise<void> {
  await using opened = await openBrowser();
  const { page, complaints } = await openPage(opened.browser, address);
  await page.waitForSelector("canvas");
  await delay(settlingMs);
  // As a text: it runs in the page.
  const gaps = (await page.evaluate(`new Promise((resolve) => {
    const gaps = [];
    let last = performance.now();
    const end = last + ${scrolledMs};
    let step = 12;
    const frame = (now) => {
      gaps.push(now - last);
      last = now;
      if (scrollY + innerHeight >= document.documentElement.scrollHeight - 1) step = -12;
      if (scrollY === 0) step = 12;
      scrollBy(0, step);
      if (now < end) requestAnimationFrame(frame);
      else resolve(gaps.slice(1));
    };
    requestAnimationFrame(frame);
  })`)) as number[];
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const longest = Math.max(...gaps);
  console.log(
    `Frames: ${(1000 / mean).toFixed(1)} a second while scrolling ${values.points} points a chart; the longest gap ${longest.toFixed(0)} ms, ${gaps.filter((gap) => gap > 20).length} of ${gaps.length} above 20 ms`,
  );
  for (const complaint of complaints) console.log(complaint);
}
