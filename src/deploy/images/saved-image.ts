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
  /** Anew for each caller. */
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
    const sizeBytes = await compress(await engine.saveImage(name, signal), path, signal);
    return { sizeBytes, open: () => createReadStream(path), [Symbol.asyncDispose]: remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Writes an archive into a new file, flushed, so that a power cut leaves no hole in it; returns the file's size. */
export async function compress(archive: Readable, path: string, signal: AbortSignal): Promise<number> {
  // The fastest level: what is sent is two fifths of the image then, and slower ones gain a few percent.
  const zip = createGzip({ level: 1 });
  await pipeline(archive, zip, createWriteStream(path, { flags: "wx", flush: true }), { signal });
  return (await stat(path)).size;
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
    const message = `the host accepted no data for ${stallMs / 1000} s, after ${bytes} of ${totalBytes} bytes`;
    counter.destroy(new TimeoutError(message, stallMs));
  }, stallMs);
  counter.once("end", () => clearTimeout(stall)).once("close", () => clearTimeout(stall));
  // A failure on either side destroys both; whoever reads hears of it.
  return transfer(source, counter, () => {});
}
