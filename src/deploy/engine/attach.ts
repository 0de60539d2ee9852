/** Containers that are driven over their standard streams. */
import { once } from "node:events";
import { type Duplex, PassThrough, type Readable } from "node:stream";
import type { EngineContext } from "./ask.ts";
import { FrameReader } from "./streams.ts";
import type { ContainerStreams, Engine } from "./types.ts";

export function attachRequests({ streams, ask }: EngineContext) {
  return {
    attach: (id, signal) =>
      ask(`open the streams of container ${id}`, async () => {
        signal.throwIfAborted();
        const way = (await streams.getContainer(id).attach({
          ...{ stream: true, stdin: true, stdout: true, stderr: true, hijack: true },
          abortSignal: signal,
        })) as unknown as Duplex;
        return separate(way);
      }),
  } satisfies Partial<Engine>;
}

/** Takes a container's output apart while it comes. Who does not read one of the two holds up both. */
export function separate(way: Duplex): ContainerStreams {
  const outputs = { stdout: new PassThrough(), stderr: new PassThrough() };
  const carry = async () => {
    const frames = new FrameReader();
    for await (const chunk of way as AsyncIterable<Buffer>) {
      for (const { stream, bytes } of frames.push(chunk)) {
        const output = outputs[stream];
        if (!output.write(bytes) && !output.destroyed) await once(output, "drain");
      }
    }
    frames.end();
  };
  carry().then(
    () => {
      for (const output of Object.values(outputs)) output.end();
    },
    (error: Error) => {
      for (const output of Object.values(outputs)) failQuietly(output, error);
    },
  );
  return { stdin: way, ...outputs };
}

/** Who reads it hears of it; where nobody does, it must not end the process. */
function failQuietly(output: Readable, error: Error): void {
  output.on("error", () => {});
  output.destroy(error);
}
