/** The results of a test as JSON, in pieces: there may be millions of points. */
import type { FileHandle } from "node:fs/promises";
import { pointStart } from "./log-lines.ts";
import type { LogParts, Place } from "./test-log.ts";

const chunkBytes = 1024 * 1024;
const lineBreak = 0x0a;
const start = Buffer.from(pointStart);
const comma = Buffer.from(",");

/** Made of a log that may grow meanwhile; of what comes later nothing is in it. @throws the system's error */
export async function* documentPieces(file: FileHandle, parts: LogParts): AsyncGenerator<Uint8Array> {
  const { status, topologies, results, bytes } = parts;
  yield Buffer.from(`{"id":"${status.id}","dataPoints":[`);
  let isFirst = true;
  for await (const lines of linesOf(file, bytes)) {
    const points = lines.filter((line) => line.subarray(0, start.length).equals(start));
    const pieces = points.flatMap((line) => [comma, line.subarray(start.length, -1)]);
    if (pieces.length > 0) yield Buffer.concat(isFirst ? pieces.slice(1) : pieces);
    isFirst &&= pieces.length === 0;
  }
  yield Buffer.from("]");
  let before = ',"topologyDataPoints":[';
  for (const place of topologies) {
    yield Buffer.concat([Buffer.from(before), await readPlace(file, place)]);
    before = ",";
  }
  if (topologies.length > 0) yield Buffer.from("]");
  before = ',"results":{';
  for (const [peerId, place] of results) {
    yield Buffer.concat([Buffer.from(`${before}"${peerId}":`), await readPlace(file, place)]);
    before = ",";
  }
  if (results.size > 0) yield Buffer.from("}");
  const moment = (name: string, atMs: number | undefined) => (atMs === undefined ? "" : `,"${name}":${atMs}`);
  yield Buffer.from(`${moment("started", status.started)}${moment("finished", status.finished)}}\n`);
}

/** Lines without their line breaks, of a chunk at a time. */
async function* linesOf(file: FileHandle, bytes: number): AsyncGenerator<readonly Buffer[]> {
  let rest = Buffer.alloc(0);
  for (let at = 0; at < bytes; ) {
    // A new one each time: the pieces of the last may still be on their way.
    const chunk = Buffer.allocUnsafe(Math.min(chunkBytes, bytes - at));
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) throw new Error("The log has become shorter.");
    at += bytesRead;
    const all = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    const lines: Buffer[] = [];
    let from = 0;
    for (let end = all.indexOf(lineBreak); end >= 0; end = all.indexOf(lineBreak, from)) {
      lines.push(all.subarray(from, end));
      from = end + 1;
    }
    rest = all.subarray(from);
    yield lines;
  }
}

export async function readPlace(file: FileHandle, { at, bytes }: Place): Promise<Buffer> {
  const found = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(found, 0, bytes, at);
  if (bytesRead !== bytes) throw new Error("The log has become shorter.");
  return found;
}
