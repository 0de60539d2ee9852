/** Commands in containers. */
import type { Duplex } from "node:stream";
import { type EngineContext, limited } from "./ask.ts";
import type { Docker } from "./client.ts";
import { DockerError } from "./error.ts";
import { splitOutput } from "./streams.ts";
import type { Engine, ExecOptions, ExecResult } from "./types.ts";

/** More output than this is a mistake: it is held in memory. */
const mostOutputBytes = 16 * 1024 * 1024;

export function execRequests({ requests, streams, ask }: EngineContext) {
  return {
    execIn: (id, argv, options) =>
      ask(`run ${argv[0] ?? "nothing"} in container ${id}`, async () => {
        const created = await requests.getContainer(id).exec({
          Cmd: [...argv],
          AttachStdin: options.input !== undefined,
          AttachStdout: true,
          AttachStderr: true,
          ...limited(),
        });
        const { timeoutMs } = options;
        const late = `${argv[0]} in container ${id} did not end within ${timeoutMs / 1000} s.`;
        const tooLong = new DockerError("timeout", late);
        const output = await runExec(streams.getExec(created.id), options, tooLong);
        const { ExitCode } = await requests.getExec(created.id).inspect(limited() as object);
        if (ExitCode === null) throw new Error("the engine does not say how it ended");
        return { exitCode: ExitCode, ...output };
      }),
  } satisfies Partial<Engine>;
}

async function runExec(
  exec: Docker.Exec,
  options: ExecOptions,
  tooLong: DockerError,
): Promise<Omit<ExecResult, "exitCode">> {
  const { input, timeoutMs } = options;
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(tooLong), timeoutMs);
  const signal = AbortSignal.any([options.signal, ended.signal]);
  const giveUp = () => stream?.destroy(signal.reason as Error);
  let stream: Duplex | undefined;
  try {
    stream = await exec.start({ hijack: true, stdin: true, abortSignal: signal });
    signal.addEventListener("abort", giveUp, { once: true });
    if (signal.aborted) giveUp();
    // Closing our half is how the command sees the end of its input; without input there is nothing to say.
    if (input !== undefined) stream.end(input);
    return splitOutput(await readAll(stream));
  } catch (error) {
    throw ended.signal.aborted ? tooLong : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
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
