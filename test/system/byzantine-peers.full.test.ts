import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { delay, until } from "../../src/core/async.ts";
import { behaviours } from "../validator/behaviours.ts";
import { call, heightOf, openProcesses, type Running } from "../validator/processes.ts";
import { scrape, sumOf } from "../validator/prometheus.ts";

const byzantineMain = fileURLToPath(new URL("../validator/byzantine-main.ts", import.meta.url));

/** What an honest validator has to have done or noticed, beside going on: text in its log, or a metric above 0. */
type Evidence = RegExp | "equivocations_total" | "block_sync_requests_total";

const closed = (reason: string) => new RegExp(`closed a connection.*${reason}`);
const banned = (reason: string) => closed(`validator 3.*${reason}.*banned for 5 s`);

/** By behaviour of validator 3: evidence at each of the honest ones. */
const expected: readonly [behaviour: string, evidence: readonly (Evidence | undefined)[]][] = [
  ["equivocating", ["equivocations_total", "equivocations_total", "equivocations_total"]],
  ["equivocating as leader", ["equivocations_total", "equivocations_total", "equivocations_total"]],
  ["silent", []],
  ["withholding", ["block_sync_requests_total", "block_sync_requests_total", "block_sync_requests_total"]],
  ["wrong bytes", [banned("bad signature"), banned("invalid block"), banned("its bytes are not a block")]],
  ["wrong refs", [banned("not below its own round"), banned("refers twice"), banned("invalid block")]],
  ["wrong numbers", [banned("beyond the year 9000"), banned("its round is 0"), undefined]],
  ["wrong frames", [banned("a frame of"), banned("message of type 200"), banned("list of refs of 41")]],
  ["another genesis", [closed("another network"), closed("another network"), closed("another network")]],
  ["reading nothing", []],
  ["asking without end", [banned("too many"), banned("too many"), banned("too many")]],
  ["replaying", []],
  ["jumping in time", []],
];

interface BlockReply {
  readonly block: {
    readonly header: { readonly app_hash: string; readonly time: string };
    readonly data: { readonly txs: string[] | null };
  };
}

/** Submits transactions to validators in turn until it is stopped; tells those that were acknowledged. */
function startLoad(nodes: readonly Running[]) {
  const acknowledged: string[] = [];
  const stopping = new AbortController();
  const running = (async () => {
    for (let i = 0; !stopping.signal.aborted; i++) {
      const text = `load ${i} `.padEnd(200, "x");
      const tx = Buffer.from(text).toString("base64");
      const node = nodes[i % nodes.length] as Running;
      const reply = await call(node, "broadcast_tx_sync", { tx }).catch(() => undefined);
      if (reply !== undefined) acknowledged.push(text);
      await delay(20);
    }
  })();
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return { acknowledged, stop };
}

async function isEvident(node: Running, evidence: Evidence | undefined): Promise<boolean> {
  if (evidence === undefined) return true;
  if (typeof evidence !== "string") return evidence.test(node.output());
  return sumOf(await scrape(node.home.config.metrics), evidence) > 0;
}

/** Most memory that a process ever held, bytes. */
async function peakMemoryOf({ child }: Running): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, "utf8");
  return 1024 * Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]);
}

/** All blocks up to a height as a node tells them. */
async function blocksOf(node: Running, height: number): Promise<BlockReply["block"][]> {
  const blocks: BlockReply["block"][] = [];
  for (let at = 1; at <= height; at++) {
    const reply = await call(node, "block", { height: String(at) });
    blocks.push((reply as unknown as BlockReply).block);
  }
  return blocks;
}

const textsOf = (blocks: readonly BlockReply["block"][]) =>
  blocks.flatMap(({ data }) => data.txs ?? []).map((each) => Buffer.from(each, "base64").toString());

async function reachAll(nodes: readonly Running[], height: number): Promise<void> {
  const heights = () => Promise.all(nodes.map((node) => heightOf(node).catch(() => -1)));
  await until(async () => ((await heights()).every((each) => each >= height) ? true : undefined), {
    timeoutMs: 60_000,
    everyMs: 100,
    describe: () => `not all at height ${height}: ${nodes.map((node) => node.output()).join("\n")}`,
  });
}

test("every behaviour is tried", () => {
  expect(expected.map(([behaviour]) => behaviour)).toEqual(Object.keys(behaviours));
});

describe("three validators beside a faulty one", () => {
  test.concurrent.each(expected)("that is %s go on and agree", async (behaviour, evidence) => {
    await using committee = await openProcesses(4);
    const honest = [0, 1, 2].map((authority) => committee.start(authority));
    const faulty = committee.start(3, ["--behaviour", behaviour], byzantineMain);
    await reachAll(honest, 5);
    const load = startLoad(honest);
    for (const [authority, node] of honest.entries()) {
      await until(async () => ((await isEvident(node, evidence[authority])) ? true : undefined), {
        timeoutMs: 60_000,
        everyMs: 100,
        describe: () => `no ${evidence[authority]} at ${authority}: ${node.output()}\n${faulty.output()}`,
      });
    }
    // From here on all of it has happened, and they go on.
    await reachAll(honest, Math.max(...(await Promise.all(honest.map(heightOf)))) + 40);
    await until(() => (load.acknowledged.length >= 30 ? true : undefined), {
      timeoutMs: 60_000,
      everyMs: 20,
      describe: () => `${load.acknowledged.length} transactions were acknowledged`,
    });
    await load.stop();
    await reachAll(honest, Math.max(...(await Promise.all(honest.map(heightOf)))) + 10);

    const common = Math.min(...(await Promise.all(honest.map(heightOf))));
    const [first = [], ...others] = await Promise.all(honest.map((node) => blocksOf(node, common)));
    for (const blocks of others) expect(blocks).toEqual(first);
    const texts = textsOf(first);
    expect(new Set(texts).size).toBe(texts.length);
    expect(load.acknowledged.filter((each) => !texts.includes(each))).toEqual([]);
    const times = first.map(({ header }) => Date.parse(header.time));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    for (const node of honest) {
      expect(await peakMemoryOf(node)).toBeLessThan(400 * 1024 * 1024);
      expect(node.output().split("\n").length).toBeLessThan(60);
      expect(node.child.exitCode).toBeNull();
    }
    // The faulty one did what it is there for until now.
    expect([faulty.child.exitCode, faulty.output()]).toEqual([null, ""]);
  });
});

/** A connection that sends the head of a long frame and no more than a byte each second, and comes back when it is closed. */
function trickle(port: number, stopping: AbortSignal): void {
  if (stopping.aborted) return;
  const socket = connect({ host: "127.0.0.1", port }).resume();
  const stop = () => socket.destroy();
  const sending = setInterval(() => socket.write(Buffer.of(1)), 1_000);
  stopping.addEventListener("abort", stop, { once: true });
  socket.on("connect", () => socket.write(Buffer.of(0, 0, 1)));
  socket.on("error", () => undefined);
  socket.on("close", () => {
    clearInterval(sending);
    stopping.removeEventListener("abort", stop);
    setTimeout(trickle, 50, port, stopping);
  });
}

test("a restarted validator is back 10 s after it runs, though 100 connections from its address trickle bytes", async () => {
  await using committee = await openProcesses(4);
  const nodes = [0, 1, 2, 3].map((authority) => committee.start(authority));
  const others = nodes.slice(0, 3);
  const last = nodes[3] as Running;
  await reachAll(nodes, 5);
  last.child.kill("SIGKILL");
  await once(last.child, "exit");

  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  for (const { home } of others) {
    for (let i = 0; i < 100; i++) trickle(home.config.peer.port, stopping.signal);
  }
  for (const node of others) {
    await until(() => (/had not proven who it is/.test(node.output()) ? true : undefined), {
      timeoutMs: 20_000,
      everyMs: 50,
      describe: () => `its places are not taken: ${node.output()}`,
    });
  }
  const before = Math.max(...(await Promise.all(others.map(heightOf))));
  const again = committee.start(3);
  await until(() => (/validator runs/.test(again.output()) ? true : undefined), {
    timeoutMs: 30_000,
    everyMs: 20,
    describe: () => `it does not run: ${again.output()}`,
  });
  const startedMs = performance.now();
  await reachAll([again], before + 1);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});
