import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readable, Transform, pipeline as transfer } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { TimeoutError } from "../../core/errors.ts";
import type { Engine } from "../engine/engine.ts";

/** An archive that can be read several times. */
export interface SentArchive {
  readonly sizeBytes: number;
  readonly open: () => Readable;
}

/** Saves an image of an engine in a temporary file, compressed once; gone when it is disposed of. */
export async function saveCompressed(
  engine: Engine,
  name: string,
  signal: AbortSignal,
): Promise<SentArchive & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "baleen-image-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, "image.tar.gz");
  try {
    const archive = await engine.saveImage(name, signal);
    await pipeline(archive, createGzip({ level: 1 }), createWriteStream(path), { signal });
    const { size } = await stat(path);
    return { sizeBytes: size, open: () => createReadStream(path), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * The same stream; `onBytes` hears how much has gone through it, about a hundred times and at the end. Fails where
 * nothing has been taken for `stallMs` before the end.
 */
export function countBytes(
  source: Readable,
  options: { totalBytes: number; stallMs: number; onBytes: (bytes: number) => void },
): Readable {
  const { totalBytes, stallMs, onBytes } = options;
  let bytes = 0;
  let reported = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      stall.refresh();
      bytes += chunk.length;
      if (bytes - reported >= totalBytes / 100 || bytes === totalBytes) {
        reported = bytes;
        onBytes(bytes);
      }
      done(null, chunk);
    },
  });
  const stall = setTimeout(() => {
    const message = `nothing of it was taken for ${stallMs / 1000} s, after ${bytes} of ${totalBytes} bytes`;
    counter.destroy(new TimeoutError(message, stallMs));
  }, stallMs);
  counter.once("end", () => clearTimeout(stall)).once("close", () => clearTimeout(stall));
  // A failure on either side destroys both; whoever reads hears of it.
  return transfer(source, counter, () => {});
}
