/**
 * Makes the pictures of the README from a real sweep: `node scripts/picture.ts`, after a build, on Linux or macOS.
 *
 * docs/pictures/terminal.svg is the screen of a terminal at the end of the command, recorded through util-linux' or
 * BSD's `script`; docs/pictures/latency.svg is drawn from the bundle that it left. Where the results are is shown
 * as below "~".
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { quoteArgv } from "../src/core/quote.ts";
import { type LatencyPoint, latencyChartSvg, terminalSvg } from "./svg.ts";
import { screenLines } from "./terminal-screen.ts";

const pictures = fileURLToPath(new URL("../docs/pictures", import.meta.url));
const benchmark = fileURLToPath(new URL("../bin/benchmark.js", import.meta.url));
const screen = { columns: 80, rows: 40 };
const shown = "npx benchmark --runtime process --loads 100,200,500 --duration 10 --runs 2";

const folder = await realpath(await mkdtemp(join(tmpdir(), "baleen-picture-")));
try {
  const written = await record([process.execPath, benchmark, ...shown.split(" ").slice(2)], folder);
  const prompt = screenLines(`\u001b[2m$ \u001b[22m\u001b[1m${shown}\u001b[22m`, screen);
  const lines = screenLines(written.replaceAll(folder, "~"), {
    ...screen,
    rows: screen.rows - prompt.length,
  });
  const screenText = terminalSvg([...prompt, ...lines], screen.columns, {
    title: "A terminal at the end of a sweep",
    description: `The end of the output of ${shown}: the last result, a summary of all runs with their verdicts, means with confidence intervals over two runs of each load, and the folder of the results.`,
  });
  const [bundle = ""] = await readdir(join(folder, "benchmarks"));
  const points = await readPoints(join(folder, "benchmarks", bundle, "summary.json"));
  const chart = latencyChartSvg(points, {
    title: "Commit latency against load",
    description: points
      .map(
        ({ loadTps, p50Ms, p99Ms, verdict }) =>
          `${loadTps} tx/s: median ${p50Ms} ms, p99 ${p99Ms} ms, ${verdict}.`,
      )
      .join(" "),
  });
  await mkdir(pictures, { recursive: true });
  await writeFile(join(pictures, "terminal.svg"), screenText);
  await writeFile(join(pictures, "latency.svg"), chart);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Runs a command on a terminal. @returns all that it wrote there */
async function record(argv: readonly string[], cwd: string): Promise<string> {
  // What `script` runs is a shell's line, and the terminal that it makes has no size of its own.
  const line = `stty columns ${screen.columns} rows ${screen.rows}; exec ${quoteArgv(argv)}`;
  const words = platform() === "darwin" ? ["-q", "/dev/null", "sh", "-c", line] : ["-qec", line, "/dev/null"];
  const { CI: _, ...env } = process.env;
  const child = spawn("script", words, {
    cwd,
    env: { ...env, TERM: "xterm-256color" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let written = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written += text;
  });
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${line} ended with exit code ${code}:\n${written}`);
  return written;
}

interface Summary {
  readonly runs: readonly {
    readonly load: number;
    readonly p50_ms?: number;
    readonly p99_ms?: number;
    readonly verdict: { readonly status: string };
  }[];
}

/** Runs whose latencies were seen to their ends. */
async function readPoints(path: string): Promise<LatencyPoint[]> {
  const { runs } = JSON.parse(await readFile(path, "utf8")) as Summary;
  return runs.flatMap(({ load, p50_ms, p99_ms, verdict }) =>
    p50_ms === undefined || p99_ms === undefined
      ? []
      : [{ loadTps: load, p50Ms: p50_ms, p99Ms: p99_ms, verdict: verdict.status }],
  );
}
