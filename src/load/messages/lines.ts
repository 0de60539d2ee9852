import type { Readable } from "node:stream";
import { BaleenError } from "../../core/errors.ts";

/** A line longer than this is none of ours: the longest are reports with the times of a million heights. */
export const longestLineBytes = 128 * 1024 * 1024;

/** A line that does not end. */
export class LineTooLongError extends BaleenError {
  constructor(limitBytes: number) {
    super("line-too-long", `Received a line of more than ${limitBytes} bytes.`);
  }
}

const lineBreak = 0x0a;

/**
 * Cuts bytes into lines, in bounded memory. What follows the last line break is no line.
 *
 * @returns takes a chunk. @throws LineTooLongError, and whatever the taker of lines throws
 */
export function openLineCutter(
  onLine: (line: string) => void,
  limitBytes = longestLineBytes,
): (chunk: Buffer) => void {
  let rest: Buffer[] = [];
  let restBytes = 0;
  const keep = (bytes: Buffer) => {
    restBytes += bytes.length;
    if (restBytes > limitBytes) throw new LineTooLongError(limitBytes);
    rest.push(bytes);
  };
  return (chunk) => {
    let from = 0;
    for (let to = chunk.indexOf(lineBreak); to !== -1; to = chunk.indexOf(lineBreak, from)) {
      keep(chunk.subarray(from, to));
      const line = rest.length === 1 ? rest[0] : Buffer.concat(rest);
      rest = [];
      restBytes = 0;
      from = to + 1;
      onLine(line?.toString("utf8") ?? "");
    }
    if (from < chunk.length) keep(chunk.subarray(from));
  };
}

export interface LineListener {
  readonly line: (line: string) => void;
  /** Once, after the last line: the stream's end, its failure, a line that is too long, or what `line` threw. */
  readonly end: (error: unknown) => void;
}

/** Reads a stream line by line until it ends, however it ends. */
export function readLines(stream: Readable, listener: LineListener): void {
  let hasEnded = false;
  const end = (error?: unknown) => {
    if (hasEnded) return;
    hasEnded = true;
    listener.end(error);
  };
  const cut = openLineCutter((line) => {
    if (!hasEnded) listener.line(line);
  });
  stream.on("data", (chunk: Buffer | string) => {
    try {
      cut(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    } catch (error) {
      end(error);
    }
  });
  stream.on("error", end);
  for (const event of ["end", "close"]) stream.on(event, () => end());
}
