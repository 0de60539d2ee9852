import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError } from "../../core/errors.ts";
import { type ImageTools, imageNameOf, type PackedProgram, readImageContent } from "./content.ts";
import { ImageError } from "./install.ts";
import type { Unusable } from "./node-runtime.ts";
import { describeOwnImage, type OwnImage } from "./own-image.ts";
import { compress, type SentArchive } from "./saved-image.ts";

/** An image in a file that any engine of its processor can load; kept gzip'd. */
export interface ImageArchive extends Omit<OwnImage, "pack">, SentArchive {}

export interface ImageArchiveRequest extends ImageTools {
  readonly program: PackedProgram;
  /** Processor of the hosts, as Docker says it: "amd64", "arm64". */
  readonly architecture: string;
  /** Where archives are kept from run to run; made where it is missing. */
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
}

/**
 * Reads all that is to be in a program's image, which takes a while; writes nothing.
 *
 * @throws ProgramFileError, the signal's reason
 */
export async function describeImageArchive(
  request: Omit<ImageArchiveRequest, "cacheFolder">,
): Promise<OwnImage | Unusable> {
  const target = { os: "linux", arch: request.architecture };
  const content = await readImageContent(request.program, target, request);
  if ("reason" in content) return content;
  request.signal.throwIfAborted();
  return describeOwnImage(content, target);
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
  content: Promise<OwnImage | Unusable> = describeImageArchive(request),
): Promise<ImageArchive | Unusable> {
  const image = await content;
  if ("reason" in image) return image;
  // Archives of one kind replace one another.
  const kind = `${nameKept(request.program)}-${request.architecture}-`;
  const path = join(request.cacheFolder, `${kind}${image.tag}.tar.gz`);
  try {
    const found = await stat(path).catch(() => undefined);
    const sizeBytes = found?.size ?? (await writeArchive(path, image, request.signal));
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
  const digest = path && createHash("sha256").update(path).digest("hex").slice(0, 8);
  return [imageNameOf(program), digest].filter((part) => part !== undefined).join("-");
}

/** Writes it whole or not at all; returns its size. */
async function writeArchive(path: string, image: OwnImage, signal: AbortSignal): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    const sizeBytes = await compress(image.pack(), temporary, signal);
    await rename(temporary, path);
    return sizeBytes;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A file in the making that was not written to for so long belongs to a process that was killed. */
const abandonedAfterMs = 3_600_000;

async function removeOthers(folder: string, kind: string, tag: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const rest = name.startsWith(kind) ? name.slice(kind.length) : "";
    if (!/^[0-9a-f]{16}\.tar\.gz(\.[0-9a-f]{8}\.tmp)?$/.test(rest) || rest === `${tag}.tar.gz`) continue;
    const path = join(folder, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0);
    if (rest.endsWith(".tmp") && age < abandonedAfterMs) continue;
    await rm(path, { force: true });
  }
}
