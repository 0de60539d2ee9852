import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { homedir } from "node:os";
import { Duplex } from "node:stream";
import { resolveEngine } from "../../src/deploy/engine/endpoint.ts";
import type { Engine } from "../../src/deploy/engine/engine.ts";
import { openEngine } from "../../src/deploy/engine/engine.ts";
import { docker, whyNoDocker } from "./real-engine.ts";

const address = await resolveEngine({ env: process.env, home: homedir() }).catch(() => undefined);
const found = address?.kind === "unix" ? address : undefined;

/** Why tests with streams to the engine cannot run here; undefined where they can. */
export const whyNoStreams =
  whyNoDocker ?? (found === undefined ? "(the engine listens on no Unix socket)" : undefined);

/** The engine's own socket. */
export const engineSocket = found?.socketPath ?? "";

/** An engine behind streams, as an SSH connection would carry them. */
export interface StreamEngine extends Disposable {
  readonly engine: Engine;
  /** How many streams were opened so far. */
  readonly opened: () => number;
  /** How many are open. */
  readonly open: () => number;
  /** The most that were open at once. */
  readonly most: () => number;
  /** Ends all streams, as the loss of a connection does. */
  readonly cut: () => void;
}

/** Streams to a socket. */
export function openStreamEngine(socketPath: string, source = "host0"): Promise<StreamEngine> {
  return open(source, async () => {
    const stream = connect(socketPath);
    await once(stream, "connect");
    return stream;
  });
}

/** Streams through a command's standard input and output, as where only root may use the engine. */
export function openCommandEngine(): Promise<StreamEngine> {
  return open("host0", async () => {
    const stdio = ["pipe", "pipe", "inherit"] as const;
    const child = spawn("docker", ["system", "dial-stdio"], { env: docker().env, stdio: [...stdio] });
    if (child.stdout === null || child.stdin === null) throw new Error("the command has no pipes");
    const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
    stream.once("close", () => child.kill());
    return stream;
  });
}

async function open(source: string, connectOne: () => Promise<Duplex>): Promise<StreamEngine> {
  const streams = new Set<Duplex>();
  let opened = 0;
  let most = 0;
  const engine = await openEngine({
    kind: "stream",
    source,
    description: "tests",
    timeoutMs: 60_000,
    connect: async () => {
      opened++;
      const stream = await connectOne();
      streams.add(stream);
      stream.once("close", () => streams.delete(stream));
      most = Math.max(most, streams.size);
      return stream;
    },
  });
  const cut = () => {
    for (const stream of streams) stream.destroy();
  };
  return {
    engine,
    opened: () => opened,
    open: () => streams.size,
    most: () => most,
    cut,
    [Symbol.dispose]: cut,
  };
}
