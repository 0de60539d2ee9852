/** What runs in containers, and is spoken with: commands, and containers that are driven over their streams. */
import { once } from "node:events";
import { addAbortSignal, type Duplex, PassThrough, type Readable } from "node:stream";
import { untilAborted } from "../../core/async.ts";
import type { CommandResult } from "../../core/process/command.ts";
import type { Client, Docker } from "./client.ts";
import { DockerError } from "./error.ts";
import { FrameReader, readOutput } from "./streams.ts";
import type { ContainerStreams } from "./types.ts";

export interface ExecOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** More output than this is a mistake: it is held in memory. */
const mostOutputBytes = 16 * 1024 * 1024;

export function processRequests({ requests, streams, limited, ask }: Client) {
  return {
    /**
     * Runs a command in a running container. Where the signal or the time ends it, it is not waited for any more, but
     * goes on in the container: Docker cannot stop it.
     */
    execIn: (id: string, argv: readonly string[], options: ExecOptions) =>
      ask(`run ${argv[0] ?? "nothing"} in container ${id}`, async (): Promise<CommandResult> => {
        const created = await requests.getContainer(id).exec({
          Cmd: [...argv],
          AttachStdout: true,
          AttachStderr: true,
          ...limited(),
        });
        const { timeoutMs } = options;
        const late = `${argv[0]} in container ${id} did not end within ${timeoutMs / 1000} s.`;
        const output = await runExec(streams.getExec(created.id), options, new DockerError("timeout", late));
        const { ExitCode } = await requests.getExec(created.id).inspect(limited() as object);
        if (ExitCode === null) throw new Error("the engine does not report how it ended");
        return {
          exitCode: ExitCode,
          stdout: readOutput(output, "stdout"),
          stderr: readOutput(output, "stderr"),
        };
      }),
    /** Opens the standard streams of a container that is `driven` and not started yet, so that nothing is missed. */
    attach: (id: string, signal: AbortSignal) =>
      ask(`open the streams of container ${id}`, async () => {
        signal.throwIfAborted();
        const opening = streams.getContainer(id).attach({
          ...{ stream: true, stdin: true, stdout: true, stderr: true, hijack: true },
          abortSignal: signal,
        });
        return separate((await untilAborted(opening, limited().abortSignal)) as unknown as Duplex);
      }),
  };
}

async function runExec(
  exec: Docker.Exec,
  { timeoutMs, signal }: ExecOptions,
  tooLong: DockerError,
): Promise<Buffer> {
  const limit = AbortSignal.timeout(timeoutMs);
  const abortSignal = AbortSignal.any([signal, limit]);
  let stream: Duplex | undefined;
  try {
    stream = await exec.start({ hijack: true, stdin: true, abortSignal });
    addAbortSignal(abortSignal, stream);
    return await readAll(stream);
  } catch (error) {
    signal.throwIfAborted();
    throw limit.aborted ? tooLong : error;
  } finally {
    stream?.destroy();
  }
}

async function readAll(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostOutputBytes) throw new Error(`it wrote more than ${mostOutputBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
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
