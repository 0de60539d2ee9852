import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Findings } from "../../benchmarks/suite/generator/findings.ts";
import { windowOf } from "../../benchmarks/suite/generator/paced.ts";
import { Sink, type SinkOptions } from "../../benchmarks/suite/sink/sink.ts";
import { runCommand } from "../../src/core/process/command.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";
import { whyNoCompiler } from "../deploy/foreign-plan.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

let cache = "";
beforeAll(async () => {
  const folder = await openTemporaryFolder();
  cache = folder.path;
  return () => folder[Symbol.asyncDispose]();
});

const start = (options: Partial<SinkOptions> = {}) => Sink.start({ cores: "0", cache, ...options });

/** The JSON-RPC id of a transaction: all have one width. */
const idOf = (sequence: number) => 1e14 + sequence;
const bodyOf = (sequence: number) => {
  const transaction = mysticeti.transactions.encode({ run: 1, client: 0, sequence }, 512, 1);
  return mysticeti.submission.body(transaction, sequence);
};

const requestOf = (body: string, more = "") =>
  `POST / HTTP/1.1\r\nHost: sink\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

/** Sends all of it at once, and no more; what came back by the end. */
async function exchange(port: number, request: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.end(request);
  return (await buffer(socket)).toString("latin1");
}

const idsIn = (text: string) => [...text.matchAll(/"id":("[^"]*"|-?\d+)/g)].map(([, id]) => id);

describe.skipIf(whyNoCompiler !== undefined)(`measured at a sink in C ${whyNoCompiler ?? ""}`, () => {
  test("the sink answers every pipelined request with its own id, as the tool's protocol takes it", async () => {
    await using sink = await start();
    const requests = Array.from({ length: 500 }, (_, sequence) => requestOf(bodyOf(sequence)));
    const replies = (await exchange(sink.port, requests.join(""))).split("HTTP/1.1 200 OK\r\n").slice(1);
    expect(replies).toHaveLength(500);
    replies.forEach((reply, sequence) => {
      const body = reply.slice(reply.indexOf("\r\n\r\n") + 4);
      expect(reply).toContain(`Content-Length: ${body.length}\r\n`);
      expect(mysticeti.submission.classify(200, body, sequence)).toEqual({ accepted: true });
    });
    expect(await sink.finish()).toMatchObject({ transactions: 500, messages: 500, refused: 0 });
  });

  test("the sink answers requests that come in pieces, batches and WebSocket messages, and refuses chunks", async () => {
    await using sink = await start();
    const batch = `[${[7, 8, 9].map(bodyOf).join(",")}]`;
    const reply = await exchange(sink.port, requestOf(batch));
    expect(JSON.parse(reply.slice(reply.indexOf("\r\n\r\n")))).toMatchObject(
      [7, 8, 9].map((sequence) => ({ id: idOf(sequence) })),
    );

    const socket = connect(sink.port, "127.0.0.1");
    socket.setNoDelay(true);
    const request = requestOf(bodyOf(3));
    for (const piece of [request.slice(0, 10), request.slice(10, 300)]) {
      socket.write(piece);
      await sink.totals();
    }
    socket.end(request.slice(300));
    expect(idsIn((await buffer(socket)).toString("latin1"))).toEqual([String(idOf(3))]);

    const webSocket = new WebSocket(`ws://127.0.0.1:${sink.port}/websocket`);
    await once(webSocket, "open");
    const messages: string[] = [];
    const all = new Promise<void>((resolve) => {
      webSocket.on("message", (data) => {
        messages.push(String(data));
        if (messages.length === 3) resolve();
      });
    });
    for (const sequence of [1, 2]) webSocket.send(bodyOf(sequence));
    webSocket.send('{"jsonrpc":"2.0","id":"own","method":"broadcast_tx_async"}');
    await all;
    expect(messages.flatMap(idsIn)).toEqual([String(idOf(1)), String(idOf(2)), '"own"']);
    webSocket.close();
    await once(webSocket, "close");

    const chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
    expect(await exchange(sink.port, chunked)).toMatch(/^HTTP\/1\.1 411 /);
    expect(await sink.finish()).toMatchObject({ transactions: 7, messages: 5, refused: 1 });
  });

  test("the sink records when transactions came, and keeps replies back for as long as it was told", async () => {
    await using sink = await start({ mostRecorded: 100, delayMs: 40 });
    const begunMs = Number(process.hrtime.bigint()) / 1e6;
    const reply = await exchange(sink.port, requestOf(bodyOf(41)) + requestOf(bodyOf(42)));
    const tookMs = Number(process.hrtime.bigint()) / 1e6 - begunMs;
    expect(idsIn(reply)).toEqual([idOf(41), idOf(42)].map(String));
    expect(await sink.finish()).toMatchObject({ recorded: 2 });
    const { arrivedMs, sequences, repliedMs } = windowOf(await sink.record(), 0);
    expect([...sequences]).toEqual([41, 42]);
    for (const index of [0, 1]) {
      const heldMs = (repliedMs[index] ?? 0) - (arrivedMs[index] ?? 0);
      expect(heldMs).toBeGreaterThanOrEqual(40);
      expect(heldMs).toBeLessThanOrEqual(tookMs);
      expect(arrivedMs[index]).toBeGreaterThanOrEqual(begunMs);
    }
  });

  /** Runs a script of the suite in its shortest form, without peers. */
  async function runScript(script: string, ...options: string[]): Promise<Findings> {
    await using results = await openTemporaryFolder();
    const file = join(import.meta.dirname, "../../benchmarks/suite", `${script}.ts`);
    const common = ["--quick", "--results", results.path];
    await runCommand([process.execPath, file, ...common, ...options], {
      timeoutMs: 120_000,
      env: { ...process.env },
    });
    return JSON.parse(await readFile(join(results.path, `${script}.json`), "utf8")) as Findings;
  }

  const measured = ({ claims }: Findings) => claims.filter(({ holds }) => holds !== undefined);

  test("the ceiling is measured without peers, and each that is missing is named", async () => {
    const found = await runScript("ceiling", "--cache", cache, "--only", "undici dispatch");
    const [turn] = Object.values(found.raw as Record<string, { tps: number }[]>).flat();
    expect(turn?.tps).toBeGreaterThan(0);
    const missing = found.notes.filter((note) => note.startsWith("NOT MEASURED"));
    for (const peer of ["wrk", "autocannon", "k6", "vegeta", "oha", "cometbft-load-test"]) {
      expect(missing.some((note) => note.startsWith(`NOT MEASURED: ${peer}: `))).toBe(true);
    }
  });

  test("pacing and accuracy are measured from the sink's side", async () => {
    const pacing = await runScript("pacing", "--cache", cache, "--rates", "200");
    expect(pacing.notes.filter((note) => note.startsWith("FAILED"))).toEqual([]);
    const { measured: runs } = pacing.raw as { measured: { label: string; rounds: { count: number }[] }[] };
    expect(runs.map(({ label }) => label)).toEqual([
      "C spin loop (floor)",
      "baleen http",
      "wrk2's method (own C)",
    ]);
    // Two seconds of 200 tx/s, however the machine is.
    for (const { rounds } of runs) expect(rounds[0]?.count).toBeGreaterThan(200);
    const accuracy = await runScript("accuracy", "--cache", cache, "--rate", "100", "--stop-rate", "200");
    expect(accuracy.notes.filter((note) => note.startsWith("FAILED"))).toEqual([]);
    expect(accuracy.claims).toHaveLength(10);
    const { judged, stops } = accuracy.raw as { judged: { reported: { p50: number } }[]; stops: number[] };
    // The tool, the loop in C, and wrk2's method, in three cases each.
    expect(judged).toHaveLength(9);
    for (const { reported } of judged) expect(reported.p50).toBeGreaterThanOrEqual(1);
    expect(stops[0]).toBeGreaterThan(0);
  });

  test("open loop, workers, memory and recording come to figures", async () => {
    const openLoop = await runScript("open-loop", "--cache", cache, "--rate", "500");
    expect(openLoop.claims[0]).toMatchObject({ what: "dropped, all turns", holds: true });
    const workers = await runScript("workers", "--cache", cache, "--clients", "1,2", "--rate", "500");
    // Two clients beside one: as fast as they can, and at a rate.
    expect(measured(workers)).toHaveLength(2);
    const memory = await runScript("memory", "--cache", cache, "--rate", "500");
    expect(memory.claims[0]?.measured).toContain("too short");
    expect(memory.claims[0]).not.toHaveProperty("holds");
    expect(memory.raw).toMatchObject({ report: { scheduled: 4000, acknowledged: 4000 } });
    const recording = await runScript("recording");
    expect(recording.claims[1]).toMatchObject({ measured: "equal", holds: true });
  });
});
