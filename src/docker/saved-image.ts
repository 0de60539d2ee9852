import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readable, Transform, pipeline as transfer } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Engine } from "./engine-types.ts";

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

/** The same stream; `onBytes` hears how much has gone through it, about a hundred times and at the end. */
export function countBytes(source: Readable, totalBytes: number, onBytes: (bytes: number) => void): Readable {
  let bytes = 0;
  let told = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes - told >= totalBytes / 100 || bytes === totalBytes) {
        told = bytes;
        onBytes(bytes);
      }
      done(null, chunk);
    },
  });
  // A failure on either side destroys both; whoever reads hears of it.
  return transfer(source, counter, () => {});
}
