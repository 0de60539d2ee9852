import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { arch, platform } from "node:os";
import { join } from "node:path";
import type { NodeProgram } from "../contracts/deployment.ts";
import { BaleenError, describeError } from "../core/errors.ts";
import type { Environment } from "./endpoint.ts";
import type { Engine } from "./engine-types.ts";
import { findLibraries, type ImageFile, readImageFile } from "./node-runtime.ts";
import { cacheLabel, runLabel } from "./ownership.ts";
import { listProgramFiles } from "./program-files.ts";
import { packTar, type TarEntry } from "./tar.ts";

/** Home of the node's user in our images: writable, and where its volume is mounted. */
export const imageHome = "/home/node";
/** Taken where the coordinator's own Node.js binary cannot be: another system or processor than the engine's. */
const registryBase = "node:24-bookworm-slim";
/** The user `node` of the registry's image, and of ours. */
export const imageUser = 1000;
const nodePath = "/usr/local/bin/node";

export interface ImageRequest {
  readonly program: NodeProgram;
  /** The coordinator's own Node.js binary. */
  readonly nodeBinary: string;
  readonly env: Environment;
  /** Id of the run on whose behalf it is built. */
  readonly run: string;
  readonly onStep: (step: string, detail?: string) => void;
  readonly signal: AbortSignal;
  /** Image with Node.js that is built upon where the own binary cannot be used; default: the official slim one. */
  readonly baseImage?: string | undefined;
}

/** No image that starts could be made. */
export class ImageError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("image", message, options);
  }
}

/** What an image is made of. */
interface Recipe {
  /** undefined: from nothing, with our own Node.js. */
  readonly base: string | undefined;
  readonly dockerfile: string;
  readonly runtime: readonly ImageFile[];
  readonly program: readonly ImageFile[];
}

/**
 * Ensures that the engine has an image for a program, named by the hash of all that is in it.
 *
 * @returns its name, "baleen/validator:0123456789abcdef"
 * @throws ImageError, ProgramFileError, DockerError
 */
export async function ensureImage(engine: Engine, request: ImageRequest): Promise<string> {
  const failures: unknown[] = [];
  for (const recipe of await listRecipes(engine, request)) {
    const repository = `baleen/${request.program.name}`;
    const tag = await hashRecipe(recipe);
    const name = `${repository}:${tag}`;
    if ((await engine.inspectImage(name)) !== undefined) return name;
    try {
      const id = await build(engine, recipe, { request, name });
      await engine.tagImage(id, repository, tag);
      return name;
    } catch (error) {
      request.signal.throwIfAborted();
      failures.push(error);
    }
  }
  throw new ImageError(
    `Cannot make an image for ${request.program.name}: ${failures.map(describeError).join("; ")}`,
    { cause: failures.at(-1) },
  );
}

/** From our own binary where it can run on the engine, then from a registry's image. */
async function listRecipes(engine: Engine, request: ImageRequest): Promise<Recipe[]> {
  const program = await listProgramFiles(request.program);
  const base = request.baseImage ?? registryBase;
  const fromBase = {
    base,
    dockerfile: formatDockerfile(base, request.program),
    runtime: [],
    program,
  };
  const { os, arch: engineArch } = await engine.version();
  const dockerArch: Record<string, string> = { x64: "amd64", arm64: "arm64" };
  const sameMachine = platform() === "linux" && os === "linux" && dockerArch[arch()] === engineArch;
  const libraries = sameMachine ? await findLibraries(request.nodeBinary, request.env) : undefined;
  if (libraries === undefined) return [fromBase];
  const runtime = await Promise.all([
    readImageFile(request.nodeBinary, nodePath.slice(1)),
    ...libraries.map((path) => readImageFile(path, path.slice(1))),
  ]);
  const dockerfile = formatDockerfile("scratch", request.program);
  return [{ base: undefined, dockerfile, runtime, program }, fromBase];
}

function formatDockerfile(base: string, program: NodeProgram): string {
  return [
    `FROM ${base}`,
    // First, so that what a build leaves when it is given up half-way bears it too.
    `LABEL ${cacheLabel}=${JSON.stringify(program.name)}`,
    ...(base === "scratch" ? ["COPY runtime/ /"] : []),
    `COPY --chown=${imageUser}:${imageUser} home/ ${imageHome}/`,
    "COPY app/ /app/",
    `ENV NODE_ENV=production HOME=${imageHome}`,
    `WORKDIR ${imageHome}`,
    `USER ${imageUser}:${imageUser}`,
    `ENTRYPOINT ${JSON.stringify([nodePath, `/app/${program.entry}`])}`,
    "",
  ].join("\n");
}

async function hashRecipe(recipe: Recipe): Promise<string> {
  const hash = createHash("sha256").update(recipe.dockerfile);
  for (const file of [...recipe.runtime, ...recipe.program]) {
    const content = createHash("sha256");
    for await (const chunk of createReadStream(file.source)) content.update(chunk as Buffer);
    hash.update(JSON.stringify([file.path, file.executable, content.digest("hex")]));
  }
  return hash.digest("hex").slice(0, 16);
}

async function build(
  engine: Engine,
  recipe: Recipe,
  { request, name }: { request: ImageRequest; name: string },
): Promise<string> {
  const { onStep, signal } = request;
  const onProgress = () => {};
  if (recipe.base !== undefined && (await engine.inspectImage(recipe.base)) === undefined) {
    onStep("pulling the base image", recipe.base);
    await engine.pullImage(recipe.base, { onProgress, signal }).catch((cause: unknown) => {
      const remedy =
        "Look at the network and the registry's login, or load it by hand (docker load), or use --runtime process.";
      throw new ImageError(`${describeError(cause)}. ${remedy}`, { cause });
    });
  }
  onStep("building the image", name);
  const id = await engine.buildImage(packTar(buildContext(recipe)), { onProgress, signal });
  try {
    // Named only once it was seen to start, so that a name always means an image that works.
    await checkImage(engine, id, request);
    return id;
  } catch (error) {
    await engine.removeImage(id);
    throw error;
  }
}

async function checkImage(engine: Engine, id: string, { run, signal }: ImageRequest): Promise<void> {
  const entrypoint = [nodePath, "--version"];
  const check = await engine.runOnce({ image: id, entrypoint, labels: { [runLabel]: run }, signal });
  if (check.exitCode === 0 && /^v\d+\./.test(check.output)) return;
  throw new ImageError(
    `node --version ended with exit code ${check.exitCode} in it: ${check.output.trim().slice(0, 500)}`,
  );
}

function buildContext(recipe: Recipe): TarEntry[] {
  const text = (path: string, content: string): TarEntry => {
    return { path, mode: 0o644, content: { kind: "text", text: content } };
  };
  const folder = (path: string, mode: number): TarEntry => ({ path, mode, content: { kind: "directory" } });
  const file =
    (root: string) =>
    (entry: ImageFile): TarEntry => {
      const { source, sizeBytes } = entry;
      const mode = entry.executable ? 0o755 : 0o644;
      return { path: join(root, entry.path), mode, content: { kind: "file", source, sizeBytes } };
    };
  const system = [
    folder("runtime/tmp", 0o1777),
    text(
      "runtime/etc/passwd",
      `root:x:0:0::/:/sbin/nologin\nnode:x:${imageUser}:${imageUser}::${imageHome}:/sbin/nologin\n`,
    ),
    text("runtime/etc/group", `root:x:0:\nnode:x:${imageUser}:\n`),
    text("runtime/etc/nsswitch.conf", "hosts: files dns\n"),
  ];
  return [
    text("Dockerfile", recipe.dockerfile),
    ...(recipe.base === undefined ? [...system, ...recipe.runtime.map(file("runtime"))] : []),
    folder("home", 0o755),
    folder("app", 0o755),
    ...recipe.program.map(file("app")),
  ];
}
