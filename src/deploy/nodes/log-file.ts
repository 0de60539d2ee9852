import { existsSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { delay } from "../../core/async.ts";
import { describeError, unlessAbsent } from "../../core/errors.ts";

/** A file that keeps the last part of an output, so that a chatty program cannot fill the disk. */
export type LogFile = Awaited<ReturnType<typeof openLogFile>>;

/** Opens a log, behind what it already holds. On disk stand at most `limitBytes`: `path` and, older, `path`.1 */
export async function openLogFile(path: string, limitBytes: number) {
  let file: FileHandle = await open(path, "a", 0o600);
  let sizeBytes = (await file.stat()).size;
  let lost: string | undefined;

  const write = async (chunk: Uint8Array) => {
    if (sizeBytes > 0 && sizeBytes + chunk.length > limitBytes / 2) {
      await rename(path, olderPart(path));
      await file.close();
      file = await open(path, "a", 0o600);
      sizeBytes = 0;
    }
    await file.writeFile(chunk);
    sizeBytes += chunk.length;
  };

  let last = Promise.resolve();
  return {
    /** Resolves when it is written. Never rejects: what cannot be written is dropped, and that is noted. */
    append: (chunk: Uint8Array): Promise<void> => {
      last = last
        .then(() => write(chunk))
        .catch((error: unknown) => {
          lost ??= describeError(error);
        });
      return last;
    },
    /** Why output was dropped; undefined where all of it was written. */
    lost: () => lost,
    [Symbol.asyncDispose]: async () => {
      await last;
      await file.close().catch(() => {});
    },
  };
}

/** The last `lines` lines of a log, without a newline at the end; "" where there is no log (any more). */
export async function readLogTail(path: string, lines: number): Promise<string> {
  return lastLines(await openLogReader(path)(), lines).replace(/\n$/, "");
}

const followEveryMs = 200;

/** Tells the last lines of a log and what is written to it, until it is removed or the signal aborts. */
export async function followLog(
  path: string,
  { tailLines, onText, signal }: { tailLines: number; onText: (text: string) => void; signal: AbortSignal },
): Promise<void> {
  const read = openLogReader(path);
  onText(lastLines(await read(), tailLines));
  for (let looksWithout = 0; looksWithout < 2 && !signal.aborted; ) {
    const text = await read();
    if (text !== "") onText(text);
    else await delay(followEveryMs, signal).catch(() => undefined);
    // The writer puts another one there right after it has moved it away.
    looksWithout = text === "" && !existsSync(path) ? looksWithout + 1 : 0;
  }
}

function lastLines(text: string, lines: number): string {
  const end = text.endsWith("\n") ? "\n" : "";
  return text.replace(/\n$/, "").split("\n").slice(-lines).join("\n") + end;
}

/** Reads on from where it stood: what was added since the last call, and at first all that there is. */
export type LogReader = () => Promise<string>;

export function openLogReader(path: string): LogReader {
  const decoder = new StringDecoder("utf8");
  let file: number | undefined;
  let offset = 0;
  const readRest = async (part: string): Promise<string> => {
    await using opened = await unlessAbsent(open(part));
    if (opened === undefined) return "";
    const { ino, size } = await opened.stat();
    // What was put aside since, or before the first call, comes first; what was put aside earlier was read.
    const isAside = part !== path;
    if (isAside && file !== undefined && ino !== file) return "";
    if (!isAside && ino !== file) offset = 0;
    file = ino;
    const bytes = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await opened.read(bytes, 0, bytes.length, offset);
    offset += bytesRead;
    return decoder.write(bytes.subarray(0, bytesRead));
  };
  return async () => (await readRest(olderPart(path))) + (await readRest(path));
}

/** Removes a log that nobody writes any more. */
export async function removeLog(path: string): Promise<void> {
  await Promise.all([path, olderPart(path)].map((part) => rm(part, { force: true })));
}

function olderPart(path: string): string {
  return `${path}.1`;
}
