import { createHash } from "node:crypto";
import { platform } from "node:os";
import type { ForeignProgram, NodeProgram, Program } from "../../contracts/deployment.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { cacheLabel } from "../engine/ownership.ts";
import type { LongAction } from "../engine/types.ts";
import { type ImageTools, type PackedProgram, readProgramFile } from "./content.ts";
import {
  explainCause,
  ImageError,
  type InstallOptions,
  installImage,
  nameIfGood,
  nodeCheck,
} from "./install.ts";
import {
  entrypointOf,
  hashFile,
  imageHome,
  imageUser,
  listProgramFiles,
  ownArchitecture,
  type Platform,
  ProgramFileError,
  placeFiles,
  type Unusable,
} from "./node-runtime.ts";
import { describeImage } from "./own-image.ts";
import { folderEntry, packTar, textEntry } from "./tar.ts";

export { ImageError } from "./install.ts";
export { imageHome, imageUser } from "./node-runtime.ts";

export interface ImageRequest extends ImageTools, InstallOptions {
  readonly program: PackedProgram;
  readonly onStep: (step: string, detail?: string) => void;
  /** Image with Node.js that is built upon where the own binary cannot be used; default: the official slim one. */
  readonly baseImage?: string | undefined;
}

/**
 * Ensures that the engine has an image for a program: the one that the program names, else one that is named by the
 * digest of all that is in it. That is made of files of this machine where they can run on the engine; for a program
 * of JavaScript modules else upon a registry's image.
 *
 * @returns its name, "baleen/validator:0123456789abcdef"
 * @throws ImageError, ProgramFileError, DockerError
 */
export async function ensureImage(engine: Engine, request: ImageRequest): Promise<string> {
  const { program } = request;
  const named = program.kind === "foreign-program" ? program.image : undefined;
  if (named !== undefined) {
    await ensurePulled(engine, named, request, {
      step: "pulling the image",
      remedy:
        "Check its name, the network and the registry login, load the image by hand (docker load), or name the program's file instead (--node-binary).",
    });
    return named;
  }
  const ways = [() => ensureOwn(engine, request)];
  if (program.kind === "node-program") ways.push(() => ensureBuilt(engine, program, request));
  const failures: string[] = [];
  let cause: unknown;
  for (const make of ways) {
    try {
      const made = await make();
      if (typeof made === "string") return made;
      failures.push(made.reason);
    } catch (error) {
      request.signal.throwIfAborted();
      if (error instanceof ProgramFileError) throw error;
      failures.push(explainCause(error));
      cause = error;
    }
  }
  const remedy = program.kind === "foreign-program" ? `. ${remedyOf(program)}` : "";
  throw new ImageError(`Cannot make an image for ${program.name}: ${failures.join("; ")}${remedy}`, {
    cause,
  });
}

/** For people whose program's file does not do for an engine. */
export function remedyOf({ remedy }: ForeignProgram): string {
  return `Name a program that is built for the engine (--node-binary), or an image (--image). ${remedy}`;
}

async function ensureOwn(engine: Engine, request: ImageRequest): Promise<string | Unusable> {
  const target = await engine.version();
  const image = await describeImage(request.program, target, request);
  if ("reason" in image) return image;
  const name = `${image.repository}:${image.tag}`;
  if ((await engine.inspectImage(name))?.contentDigest === image.contentDigest) return name;
  request.onStep("building the image", name);
  await installImage(engine, { ...image, archive: image.pack() }, request);
  return name;
}

/** Taken unless the caller names another one. */
export const registryBase = "node:24-bookworm-slim";

/** Upon a registry's image with Node.js, for engines on which this machine's own cannot run. */
async function ensureBuilt(
  engine: Engine,
  program: NodeProgram,
  request: ImageRequest,
): Promise<string | Unusable> {
  const { onStep, signal } = request;
  const base = request.baseImage ?? registryBase;
  const files = await listProgramFiles(program);
  const dockerfile = formatDockerfile(base, program);
  const hash = createHash("sha256").update(dockerfile);
  for (const { path, executable, source } of files) {
    hash.update(JSON.stringify([path, executable, await hashFile(source)]));
  }
  const tag = hash.digest("hex").slice(0, 16);
  const repository = `baleen/${program.name}`;
  const name = `${repository}:${tag}`;
  if ((await engine.inspectImage(name)) !== undefined) return name;
  await ensurePulled(engine, base, request, {
    step: "pulling the base image",
    remedy:
      "Check the network and the registry login, load the image by hand (docker load), or use --runtime process.",
  });
  onStep("building the image", name);
  const folders = [folderEntry("home"), folderEntry("app")];
  const context = [textEntry("Dockerfile", dockerfile), ...folders, ...placeFiles("app", files)];
  const id = await engine.buildImage(packTar(context), { signal });
  await nameIfGood(engine, { repository, tag, id, check: nodeCheck }, request);
  return name;
}

function formatDockerfile(base: string, program: NodeProgram): string {
  return [
    `FROM ${base}`,
    // First, so that what a build leaves when it is given up half-way bears it too.
    `LABEL ${cacheLabel}=${JSON.stringify(program.name)}`,
    `COPY --chown=${imageUser}:${imageUser} home/ ${imageHome}/`,
    "COPY app/ /app/",
    `ENV NODE_ENV=production HOME=${imageHome}`,
    `WORKDIR ${imageHome}`,
    `USER ${imageUser}:${imageUser}`,
    `ENTRYPOINT ${JSON.stringify(entrypointOf(program))}`,
    "",
  ].join("\n");
}

async function ensurePulled(
  engine: Engine,
  name: string,
  { onStep, signal }: ImageRequest,
  { step, remedy }: { readonly step: string; readonly remedy: string },
): Promise<void> {
  if ((await engine.inspectImage(name)) !== undefined) return;
  onStep(step, name);
  await pull(engine, name, { signal, remedy });
}

/** @throws ImageError that ends with the remedy, the signal's reason */
export async function pull(
  engine: Engine,
  name: string,
  { remedy, ...options }: LongAction & { readonly remedy: string },
): Promise<void> {
  await engine.pullImage(name, options).catch((cause: unknown) => {
    options.signal.throwIfAborted();
    throw new ImageError(`${explainCause(cause)}. ${remedy}`, { cause });
  });
}

/** What would keep an image of a program from being made for an engine, as far as its files tell; makes nothing. */
export async function findProgramDiagnostic(
  program: Program,
  target: Platform,
): Promise<Diagnostic | undefined> {
  try {
    if (program.kind === "node-program") {
      await listProgramFiles(program);
      return findSystemDiagnostic(program, target);
    }
    if (program.image !== undefined) return undefined;
    const { path, elf } = await readProgramFile(program);
    if (elf.architecture === target.arch) return undefined;
    const message = `${path} is for linux/${elf.architecture}, but the engine runs ${target.os}/${target.arch}. ${remedyOf(program)}`;
    return { code: "program-architecture", message };
  } catch (error) {
    if (!(error instanceof ProgramFileError)) throw error;
    return { code: error.code, message: error.message };
  }
}

/** What a program starts is this machine's, and comes into no image that is built elsewhere. */
function findSystemDiagnostic(
  { system: [first] = [] }: NodeProgram,
  target: Platform,
): Diagnostic | undefined {
  const own = { os: platform(), arch: ownArchitecture() };
  if (first === undefined || (own.os === target.os && own.arch === target.arch)) return undefined;
  const message = `${first} is for ${own.os}/${own.arch}, but the engine runs ${target.os}/${target.arch}. Use machines of the kind of this one.`;
  return { code: "program-architecture", message };
}

/** The same of all programs of a network. */
export async function findProgramDiagnostics(
  programs: Iterable<Program>,
  target: Platform,
): Promise<Diagnostic[]> {
  const found = await Promise.all([...programs].map((program) => findProgramDiagnostic(program, target)));
  return found.filter((diagnostic) => diagnostic !== undefined);
}
