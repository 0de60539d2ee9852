import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { describeError } from "../../core/errors.ts";
import { type ImageTools, imageNameOf, type PackedProgram, readImageContent } from "./content.ts";
import { ImageError } from "./error.ts";
import { describeOwnImage, type OwnImage } from "./own-image.ts";

/** An image in a file that any engine of its processor can load; kept gzip'd. */
export interface ImageArchive extends Omit<OwnImage, "pack"> {
  /** Of the compressed archive. */
  readonly sizeBytes: number;
  /** The compressed archive, anew for each caller. */
  readonly open: () => Readable;
}

export interface ImageArchiveRequest extends ImageTools {
  readonly program: PackedProgram;
  /** Processor of the hosts, as Docker says it: "amd64", "arm64". */
  readonly architecture: string;
  /** Where archives are kept from run to run; made where it is missing. */
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
}

/** An archive, or what is missing here to make one. */
export type ImageArchiveResult =
  | { readonly state: "ready"; readonly archive: ImageArchive }
  | { readonly state: "impossible"; readonly reason: string };

/** An image that can be made here, or what is missing for that. */
export type ImageArchiveContent =
  | { readonly state: "describable"; readonly image: OwnImage }
  | { readonly state: "impossible"; readonly reason: string };

/**
 * Reads all that is to be in a program's image, which takes a while; writes nothing.
 *
 * @throws ProgramFileError, the signal's reason
 */
export async function describeImageArchive(
  request: Omit<ImageArchiveRequest, "cacheFolder">,
): Promise<ImageArchiveContent> {
  const target = { os: "linux", arch: request.architecture };
  const read = await readImageContent(request.program, target, request);
  if (read.state === "unusable") return { state: "impossible", reason: read.reason };
  request.signal.throwIfAborted();
  return { state: "describable", image: await describeOwnImage(read.content, target) };
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
  content: Promise<ImageArchiveContent> = describeImageArchive(request),
): Promise<ImageArchiveResult> {
  const described = await content;
  if (described.state === "impossible") return described;
  const { image } = described;
  const kind = { program: nameKept(request.program), architecture: request.architecture };
  const path = join(request.cacheFolder, archiveName(kind, image.tag));
  try {
    const sizeBytes = (await sizeOf(path)) ?? (await writeArchive(path, image, request.signal));
    await removeOthers(request.cacheFolder, kind, image.tag);
    const archive = { ...image, sizeBytes, open: () => createReadStream(path) };
    return { state: "ready", archive };
  } catch (cause) {
    request.signal.throwIfAborted();
    throw new ImageError(
      `Cannot keep the image of ${request.program.name} in ${request.cacheFolder}: ${describeError(cause)}. Make room there, or see to its permissions.`,
      { cause },
    );
  }
}

/** Which archives replace one another. */
interface ArchiveKind {
  readonly program: string;
  readonly architecture: string;
}

/** Two files of one name are two programs, whose archives a network may need at the same time. */
function nameKept(program: PackedProgram): string {
  const path = program.kind === "foreign-program" ? program.path : undefined;
  const digest = path && createHash("sha256").update(path).digest("hex").slice(0, 8);
  return [imageNameOf(program), digest].filter((part) => part !== undefined).join("-");
}

function archiveName({ program, architecture }: ArchiveKind, tag: string): string {
  return `${program}-${architecture}-${tag}.tar.gz`;
}

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size;
}

/** Writes it whole or not at all; returns its size. */
async function writeArchive(path: string, image: OwnImage, signal: AbortSignal): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  try {
    // The fastest level: what is sent is two fifths of the image then, and slower ones gain a few percent.
    const zip = createGzip({ level: 1 });
    // Flushed, so that a power cut after the renaming leaves no hole in it.
    const file = createWriteStream(temporary, { flags: "wx", flush: true });
    await pipeline(image.pack(), zip, file, { signal });
    await rename(temporary, path);
    return (await stat(path)).size;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A file in the making that was not written to for so long belongs to a process that was killed. */
const abandonedAfterMs = 3_600_000;

async function removeOthers(folder: string, kind: ArchiveKind, tag: string): Promise<void> {
  const prefix = archiveName(kind, "").replace(/\.tar\.gz$/, "");
  for (const name of await readdir(folder)) {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : "";
    if (!/^[0-9a-f]{16}\.tar\.gz(\.[0-9a-f]{8}\.tmp)?$/.test(rest) || rest === `${tag}.tar.gz`) continue;
    const path = join(folder, name);
    const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0);
    if (rest.endsWith(".tmp") && age < abandonedAfterMs) continue;
    await rm(path, { force: true });
  }
}
