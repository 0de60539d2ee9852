/** What belongs into the image of a program, whatever kind of program it is. */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { dirname, normalize } from "node:path";
import type { ForeignProgram, NodeProgram } from "../../contracts/deployment.ts";
import { describeError } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { cacheLabel } from "../engine/ownership.ts";
import { readElf } from "./elf.ts";
import { nodeCheck, type StartCheck } from "./install.ts";
import {
  entrypointOf,
  findLibraries,
  findNodeRuntime,
  hashFile,
  type ImageFile,
  imageHome,
  listProgramFiles,
  listSystemFiles,
  nodePath,
  type Platform,
  ProgramFileError,
  readImageFile,
  type Unusable,
} from "./node-runtime.ts";

/** Node.js by itself, for scripts that are given to it as arguments. */
export interface BareNode {
  readonly kind: "bare-node";
  readonly name: string;
}

/** What an image can be made of. */
export type PackedProgram = NodeProgram | ForeignProgram | BareNode;

/** All that is in an image, and what a container of it starts. */
export interface ImageContent {
  /** "baleen/validator" */
  readonly repository: string;
  /** What programs of its kind have in common: libraries, Node.js. Paths from the image's root, as below. */
  readonly runtime: readonly ImageFile[];
  readonly program: readonly ImageFile[];
  readonly entrypoint: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly check: StartCheck;
}

export interface ImageTools {
  /** The coordinator's own Node.js binary. */
  readonly nodeBinary: string;
  readonly env: Environment;
}

/** On an image that was made of a program's file: SHA-256 of the file, in hexadecimal digits. */
export const programLabel = "baleen.program-sha256";

const searchPath = "/usr/local/bin:/usr/bin:/bin";
/** Where programs look for the certificates of those whom the system trusts, as Debian and Go have it. */
const certificates = "/etc/ssl/certs/ca-certificates.crt";

/** The part of an image's name that says which program it is of: lower-case letters, digits and hyphens. */
export function imageNameOf({ name }: Pick<PackedProgram, "name">): string {
  return (
    name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "") || "program"
  );
}

/**
 * Lists what is to be in the image of a program.
 *
 * @throws ProgramFileError where a file of the program is missing, or is none that can be started
 */
export function readImageContent(
  program: PackedProgram,
  target: Platform,
  tools: ImageTools,
): Promise<ImageContent | Unusable> {
  return program.kind === "foreign-program"
    ? readForeignContent(program, target, tools)
    : readNodeContent(program, target, tools);
}

async function readNodeContent(
  program: NodeProgram | BareNode,
  target: Platform,
  tools: ImageTools,
): Promise<ImageContent | Unusable> {
  const files = program.kind === "bare-node" ? [] : await listProgramFiles(program);
  const runtime = await findNodeRuntime(target, tools);
  if ("reason" in runtime) return runtime;
  const system = program.kind === "bare-node" ? [] : await listSystemFiles(program, tools.env);
  if (system === undefined) {
    return { reason: `ldd cannot list the libraries of what ${program.name} starts, or some are missing` };
  }
  const known = new Set(runtime.map(({ path }) => path));
  return {
    repository: `baleen/${imageNameOf(program)}`,
    runtime: [...runtime, ...system.filter(({ path }) => !known.has(path))],
    program: files.map((file) => ({ ...file, path: `app/${file.path}` })),
    entrypoint: program.kind === "bare-node" ? [nodePath] : entrypointOf(program),
    env: { PATH: searchPath, NODE_ENV: "production", HOME: imageHome },
    labels: { [cacheLabel]: program.name },
    check: nodeCheck,
  };
}

async function readForeignContent(
  program: ForeignProgram,
  target: Platform,
  { env }: ImageTools,
): Promise<ImageContent | Unusable> {
  const file = await readProgramFile(program);
  const { architecture, dynamic } = file.elf;
  if (target.os !== "linux" || architecture !== target.arch) {
    return {
      reason: `${file.path} is for linux/${architecture}, but the engine runs ${target.os}/${target.arch}`,
    };
  }
  const libraries = dynamic ? await findLibraries(file.path, env) : [];
  if (libraries === undefined) {
    return {
      reason: `ldd cannot list the shared libraries of ${file.path}, some are missing, or they are not from glibc`,
    };
  }
  const place = `usr/local/bin/${imageNameOf(program)}`;
  const folders = new Set(libraries.map((library) => dirname(normalize(library))));
  const shared = existsSync(certificates) ? [...libraries, certificates] : libraries;
  return {
    repository: `baleen/${imageNameOf(program)}`,
    runtime: await Promise.all(shared.map((path) => readImageFile(path, normalize(path).slice(1)))),
    program: [{ ...(await readImageFile(file.path, place)), executable: true }],
    entrypoint: [`/${place}`],
    env: {
      PATH: searchPath,
      HOME: imageHome,
      // The image has no cache of the loader's that would say where they are.
      ...(folders.size === 0 ? {} : { LD_LIBRARY_PATH: [...folders].join(":") }),
    },
    labels: { [cacheLabel]: program.name, [programLabel]: await hashFile(file.path) },
    check: { argv: [`/${place}`, "--version"] },
  };
}

/** Finds the file of a foreign program. @throws ProgramFileError that says what to do */
export async function readProgramFile({ name, path, remedy }: ForeignProgram) {
  if (path === undefined) {
    throw new ProgramFileError(
      `${name} has neither an image (--image) nor a file (--node-binary). ${remedy}`,
    );
  }
  try {
    const real = await realpath(path);
    const elf = await readElf(real);
    if (elf !== undefined) return { path: real, elf };
  } catch (cause) {
    const message = `${path} cannot be read as the program ${name}: ${describeError(cause)}. ${remedy}`;
    throw new ProgramFileError(message, { cause });
  }
  throw new ProgramFileError(
    `${path} is not a Linux binary, so no image can be made from it. Name the program itself (--node-binary), not a script that starts it, or name an image (--image).`,
  );
}
