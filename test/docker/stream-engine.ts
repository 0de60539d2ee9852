import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { homedir } from "node:os";
import { resolveEngine } from "../../src/docker/endpoint.ts";
import { openEngine } from "../../src/docker/engine.ts";
import type { Engine } from "../../src/docker/engine-types.ts";
import { whyNoDocker } from "./real-engine.ts";

const resolved = await resolveEngine({ env: process.env, home: homedir() });
const found = resolved.state === "found" && resolved.address.kind === "unix" ? resolved.address : undefined;

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

export async function openStreamEngine(socketPath: string, source = "host0"): Promise<StreamEngine> {
  const streams = new Set<Socket>();
  let opened = 0;
  let most = 0;
  const engine = await openEngine({
    kind: "stream",
    source,
    description: `tests ${socketPath}`,
    connect: async () => {
      opened++;
      const stream = connect(socketPath);
      streams.add(stream);
      stream.once("close", () => streams.delete(stream));
      most = Math.max(most, streams.size);
      await once(stream, "connect");
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
