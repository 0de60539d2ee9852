/** What images are made of on this machine, and where it lies in them. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { arch, platform } from "node:os";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { NodeProgram } from "../../contracts/deployment.ts";
import { BaleenError, systemCode } from "../../core/errors.ts";
import { CommandError, runCommand } from "../../core/process/command.ts";
import type { Environment } from "../../core/process/environment.ts";
import type { EngineVersion } from "../engine/types.ts";
import { readElf } from "./elf.ts";
import type { TarEntry } from "./tar.ts";

/** A file of this machine and its place in an image. */
export type ImageFile = Awaited<ReturnType<typeof readImageFile>>;

/** Where Node.js lies in our images, and in the registry's. */
export const nodePath = "/usr/local/bin/node";

/** Home of the node's user: writable, and where its volume is mounted. */
export const imageHome = "/home/node";
/** The user `node` of the registry's image, and of ours. */
export const imageUser = 1000;

/** What a container of a program's image runs. */
export function entrypointOf({ nodeFlags = [], entry, args = [] }: NodeProgram): string[] {
  return [nodePath, ...nodeFlags, `/app/${entry}`, ...args];
}

/** Files of this machine as entries of an archive, in a folder of it. */
export function placeFiles(folder: string, files: readonly ImageFile[]): TarEntry[] {
  return files.map(({ path, source, sizeBytes, executable }) => ({
    path: folder === "" ? path : `${folder}/${path}`,
    mode: executable ? 0o755 : 0o644,
    content: { kind: "file", source, sizeBytes },
  }));
}

/** What an engine runs, as Docker says it: "linux", "amd64". */
export type Platform = Pick<EngineVersion, "os" | "arch">;

/** Why this machine has nothing that could run on an engine. */
export interface Unusable {
  readonly reason: string;
}

/** The processor of this machine, as Docker says it. */
export function ownArchitecture(): string {
  const dockerArch: Record<string, string> = { x64: "amd64", arm64: "arm64" };
  return dockerArch[arch()] ?? arch();
}

/** Finds out whether this machine's own Node.js runs on an engine of that kind, and what belongs to it. */
export async function findNodeRuntime(
  target: Platform,
  { nodeBinary, env }: { nodeBinary: string; env: Environment },
): Promise<readonly ImageFile[] | Unusable> {
  const ownArch = ownArchitecture();
  if (platform() !== target.os || ownArch !== target.arch) {
    const own = `${platform()}/${ownArch}`;
    return {
      reason: `this machine's Node.js is for ${own}, but the engine needs one for ${target.os}/${target.arch}`,
    };
  }
  const libraries = await findLibraries(nodeBinary, env);
  if (libraries === undefined) {
    return { reason: `ldd cannot list the libraries of ${nodeBinary}, or they are not from glibc` };
  }
  return Promise.all([
    readImageFile(nodeBinary, nodePath.slice(1)),
    ...libraries.map((path) => readImageFile(path, path.slice(1))),
  ]);
}

/**
 * Libraries that others open by name at run time, in the same folder: glibc to look hosts up (since 2.34 the first two
 * are part of it), NSS for its ciphers.
 */
const openedAtRunTime: Readonly<Record<string, readonly string[]>> = {
  "libc.so.6": ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"],
  "libnss3.so": ["libsoftokn3.so", "libfreebl3.so", "libfreeblpriv3.so", "libnssckbi.so"],
};

/**
 * Finds the shared libraries that a binary of this Linux machine needs, its loader among them.
 *
 * @returns undefined where they cannot be told, or are not glibc's: then the binary cannot be taken along
 */
export async function findLibraries(
  binary: string,
  env: Environment,
): Promise<readonly string[] | undefined> {
  let listing: string;
  try {
    const options = { env: { ...env, LC_ALL: "C" }, timeoutMs: 30_000 };
    listing = (await runCommand(["ldd", binary], options)).stdout;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
  const libraries = parseLdd(listing);
  if (libraries === undefined || !libraries.some((path) => basename(path) === "libc.so.6")) return undefined;
  const beside = libraries.flatMap((path) =>
    (openedAtRunTime[basename(path)] ?? []).map((name) => join(dirname(path), name)),
  );
  return [...new Set([...libraries, ...beside.filter((path) => existsSync(path))])];
}

/**
 * Parses what ldd prints: "libc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x…)" or "/lib64/ld-linux-x86-64.so.2 (0x…)".
 *
 * @returns absolute paths; undefined where a library is missing or nothing is linked
 */
export function parseLdd(text: string): string[] | undefined {
  if (/=>\s*not found/.test(text)) return undefined;
  const paths = text
    .split("\n")
    .flatMap((line) => /(?:=>\s*|^\s*)(\/\S+)\s+\(0x[0-9a-f]+\)/.exec(line)?.[1] ?? []);
  return paths.length === 0 ? undefined : paths;
}

/** Describes a file to be laid into an image; follows symbolic links. @param path in the image, relative to its root */
export async function readImageFile(source: string, path: string) {
  const real = await realpath(source);
  const info = await stat(real);
  return { path, source: real, sizeBytes: info.size, executable: (info.mode & 0o111) !== 0 };
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** More than this in one program is a mistake: a folder that holds itself, or the wrong one. */
const mostFiles = 20_000;

/** A file that a program needs is not there. */
export class ProgramFileError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("program-file", message, options);
  }
}

/**
 * Lists what a program's `entry` and `include` name, folders with all that is in them, and its packages in
 * node_modules/, in order of path.
 *
 * @throws ProgramFileError where something is missing or unreadable
 */
export async function listProgramFiles(program: NodeProgram): Promise<ImageFile[]> {
  const files = new Map<string, ImageFile>();
  const add = (source: string, path: string) => addPath(program, { source, path }, files);
  for (const path of [program.entry, ...program.include]) await add(join(program.root, path), path);
  for (const [name, folder] of Object.entries(program.packages ?? {})) {
    await add(folder, `node_modules/${name}`);
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * Lists what a program needs of the system, with the shared libraries of all programs among that.
 *
 * @returns undefined where the libraries of one cannot be told
 * @throws ProgramFileError where something is missing or unreadable
 */
export async function listSystemFiles(
  program: NodeProgram,
  env: Environment,
): Promise<readonly ImageFile[] | undefined> {
  const files = new Map<string, ImageFile>();
  for (const path of program.system ?? [])
    await addPath(program, { source: path, path: path.slice(1) }, files);
  for (const { source, executable } of [...files.values()]) {
    if (!executable || (await readElf(source))?.dynamic !== true) continue;
    const libraries = await findLibraries(source, env);
    if (libraries === undefined) return undefined;
    for (const library of libraries)
      files.set(library.slice(1), await readImageFile(library, library.slice(1)));
  }
  return [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function addPath(
  program: NodeProgram,
  { source, path }: { source: string; path: string },
  files: Map<string, ImageFile>,
): Promise<void> {
  try {
    if (program.system?.some((own) => source.startsWith(`${own}/`)) && !existsSync(source)) return; // a link to nowhere
    if (!(await stat(source)).isDirectory()) {
      files.set(path, await readImageFile(source, path));
    } else {
      for (const name of await readdir(source)) {
        await addPath(program, { source: join(source, name), path: `${path}/${name}` }, files);
      }
    }
  } catch (cause) {
    if (cause instanceof ProgramFileError) throw cause;
    const why = systemCode(cause) === "ENOENT" ? "is missing" : "cannot be read";
    const message = `The program ${program.name} ${why}: ${source}. Build it first (npm run build).`;
    throw new ProgramFileError(message, { cause });
  }
  if (files.size > mostFiles) {
    throw new ProgramFileError(`The program ${program.name} has more than ${mostFiles} files.`);
  }
}
