import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { until } from "../../src/core/async.ts";
import { openPlacedProcess } from "../../src/deploy/containers/placed-process.ts";
import type { Engine } from "../../src/deploy/engine/engine.ts";
import { runLabel } from "../../src/deploy/engine/ownership.ts";
import { ensureImage } from "../../src/deploy/images/image.ts";
import { docker, startTestRun, type TestRun } from "../deploy/real-engine.ts";
import { engineSocket, openCommandEngine, openStreamEngine, whyNoStreams } from "../deploy/stream-engine.ts";
import { tinyNode } from "../deploy/tiny-plan.ts";

const ways = ["a socket", "streams", "a command"] as const;
async function openAs(way: (typeof ways)[number]) {
  if (way === "streams") return openStreamEngine(engineSocket);
  if (way === "a command") return openCommandEngine();
  return { engine: docker().engine, cut: () => {}, [Symbol.dispose]: () => {} };
}

/** Starts a container that gives back what it is sent. */
async function startEcho(engine: Engine, run: TestRun) {
  const image = await ensureImage(engine, {
    program: { ...tinyNode, name: "echo", entry: "echo.mjs", include: [] },
    nodeBinary: process.execPath,
    env: docker().env,
    run: run.id,
    onStep: () => {},
    signal: run.signal,
  });
  const id = await engine.createContainer({
    ...{
      image,
      name: `echo-${run.id}`,
      args: [],
      labels: { [runLabel]: run.id },
      env: {},
      volumes: [],
      ports: [],
    },
    networkMode: "host",
    driven: true,
  });
  const streams = await engine.attach(id, run.signal);
  await engine.start(id);
  return { id, streams };
}

const stateOf = async (engine: Engine, id: string) => (await engine.inspectContainer(id))?.state;
const patient = { timeoutMs: 30_000, everyMs: 50, describe: () => "the container does not end" };
const untilExited = (engine: Engine, id: string) =>
  until(async () => ((await stateOf(engine, id)) === "exited" ? true : undefined), patient);

describe.skipIf(whyNoStreams !== undefined)(`a driven container ${whyNoStreams ?? ""}`, () => {
  test.each(ways)("carries both directions whole, and ends with its input, over %s", async (way) => {
    await using run = await startTestRun();
    using opened = await openAs(way);
    const { engine } = opened;
    const { id, streams } = await startEcho(engine, run);
    const [stdout, stderr] = [text(streams.stdout), text(streams.stderr)];
    const lines = Array.from({ length: 2000 }, (_, line) => `${line} ${"ä".repeat(line)}\n`).join("");
    streams.stdin.end(lines);
    expect(await stdout).toBe(lines);
    expect(await stderr).toBe("no more input\n");
    await untilExited(engine, id);
  });

  test.each(ways.slice(1))("ends where the way to it is lost, over %s", async (way) => {
    await using run = await startTestRun();
    using opened = await openAs(way);
    const { id, streams } = await startEcho(opened.engine, run);
    const process = openPlacedProcess(streams, { explain: async () => "", remove: async () => {} });
    const seen = new Promise((resolve) => process.stdout.once("data", resolve));
    process.stdin.write("one\n");
    await seen;
    opened.cut();
    expect(await process.ended).toMatch(/^the connection to it was lost/);
    await untilExited(docker().engine, id);
  });

  test("says why it ended, with its last words, and leaves nothing", async () => {
    await using run = await startTestRun();
    const { engine } = docker();
    const { id, streams } = await startEcho(engine, run);
    const process = openPlacedProcess(streams, {
      explain: async () => `exit code ${(await engine.inspectContainer(id))?.exitCode}`,
      remove: () => engine.removeContainer(id),
    });
    process.stdout.resume();
    process.stdin.write("fail");
    expect(await process.ended).toBe("exit code 3: as it was told");
    await process[Symbol.asyncDispose]();
    expect(await stateOf(engine, id)).toBeUndefined();
  });
});
