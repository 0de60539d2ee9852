/** Archives of images in files: those that were made here, kept for the next time, and those that an engine gave. */
import { hash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Readable, Transform, pipeline as transfer } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { describeError, TimeoutError } from "../../core/errors.ts";
import { openTemporaryFolder, removeDeadFolders } from "../../core/process/temporary.ts";
import type { Engine } from "../engine/engine.ts";
import { type ImageTools, imageNameOf, type PackedProgram } from "./content.ts";
import { ImageError } from "./install.ts";
import type { Unusable } from "./node-runtime.ts";
import { describeImage, type OwnImage } from "./own-image.ts";

/** An archive that can be read several times. */
export interface SentArchive {
  readonly sizeBytes: number;
  /** Anew for each caller. */
  readonly open: () => Readable;
}

/** An image in a file that any engine of its processor can load; kept gzip'd. */
export interface ImageArchive extends Omit<OwnImage, "pack">, SentArchive {}

export interface ImageArchiveRequest extends ImageTools {
  readonly program: PackedProgram;
  /** Processor of the hosts, as Docker says it: "amd64", "arm64". */
  readonly architecture: string;
  /** Where archives are kept from run to run; made where it is missing. */
  readonly cacheFolder: string;
  /** For whom it is made, if it is. */
  readonly run: string;
  readonly signal: AbortSignal;
}

/**
 * Makes the archive of a program's image from files of this machine, without any engine; or finds it in the cache,
 * from which older ones of the same program are removed.
 *
 * @param content what is to be in it, where that was read before
 * @throws ProgramFileError, ImageError where the cache cannot be written, the signal's reason
 */
export async function prepareImageArchive(
  request: ImageArchiveRequest,
  content: Promise<OwnImage | Unusable> = describeImage(
    request.program,
    { os: "linux", arch: request.architecture },
    request,
  ),
): Promise<ImageArchive | Unusable> {
  const image = await content;
  if ("reason" in image) return image;
  // Archives of one kind replace one another.
  const kind = `${nameKept(request.program)}-${request.architecture}-`;
  const path = join(request.cacheFolder, `${kind}${image.tag}.tar.gz`);
  try {
    const found = await stat(path).catch(() => undefined);
    const sizeBytes = found?.size ?? (await writeArchive(path, image, request));
    await removeOthers(request.cacheFolder, kind, image.tag);
    return { ...image, sizeBytes, open: () => createReadStream(path) };
  } catch (cause) {
    request.signal.throwIfAborted();
    throw new ImageError(
      `Cannot cache the image of ${request.program.name} in ${request.cacheFolder}: ${describeError(cause)}. Free some space there, or fix its permissions.`,
      { cause },
    );
  }
}

/** Two files of one name are two programs, whose archives a network may need at the same time. */
function nameKept(program: PackedProgram): string {
  const path = program.kind === "foreign-program" ? program.path : undefined;
  const digest = path && hash("sha256", path).slice(0, 8);
  return [imageNameOf(program), digest].filter((part) => part !== undefined).join("-");
}

/** Writes it whole or not at all; returns its size. */
async function writeArchive(
  path: string,
  image: OwnImage,
  { run, signal }: Pick<ImageArchiveRequest, "run" | "signal">,
): Promise<number> {
  const cache = dirname(path);
  await mkdir(cache, { recursive: true });
  await removeDeadFolders({ parents: [cache] });
  await using folder = await openTemporaryFolder(run, cache);
  const draft = join(folder.path, "image.tar.gz");
  const sizeBytes = await compress(image.pack(), draft, signal);
  await rename(draft, path);
  return sizeBytes;
}

async function removeOthers(folder: string, kind: string, tag: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const rest = name.startsWith(kind) ? name.slice(kind.length) : "";
    if (!/^[0-9a-f]{16}\.tar\.gz$/.test(rest) || rest === `${tag}.tar.gz`) continue;
    await rm(join(folder, name), { force: true });
  }
}

/** Saves an image of an engine in a temporary file, compressed once; gone when it is disposed of. */
export async function saveCompressed(
  engine: Engine,
  name: string,
  { run, signal }: Pick<ImageArchiveRequest, "run" | "signal">,
): Promise<SentArchive & AsyncDisposable> {
  const folder = await openTemporaryFolder(run);
  const path = join(folder.path, "image.tar.gz");
  try {
    const sizeBytes = await compress(await engine.saveImage(name, signal), path, signal);
    return { ...folder, sizeBytes, open: () => createReadStream(path) };
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

/** Writes an archive into a new file, flushed, so that a power cut leaves no hole in it; returns the file's size. */
async function compress(archive: Readable, path: string, signal: AbortSignal): Promise<number> {
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
