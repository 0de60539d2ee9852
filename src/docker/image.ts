import type { NodeProgram } from "../contracts/deployment.ts";
import type { Environment } from "./endpoint.ts";
import type { Engine } from "./engine-types.ts";
import { describeBuild, registryBase } from "./image-base.ts";
import { explainCause, ImageError } from "./image-error.ts";
import { installImage, nameIfGood } from "./image-install.ts";
import { findNodeRuntime, type ImageFile } from "./node-runtime.ts";
import { describeOwnImage } from "./own-image.ts";
import { listProgramFiles } from "./program-files.ts";
import { packTar } from "./tar.ts";

export { ImageError } from "./image-error.ts";
export { imageHome, imageUser } from "./image-layout.ts";

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

/** A way to an image; undefined where it does not lead there. */
type Recipe = (
  engine: Engine,
  request: ImageRequest,
  files: readonly ImageFile[],
) => Promise<string | undefined>;

/**
 * Ensures that the engine has an image for a program, named by the digest of all that is in it: of this machine's own
 * Node.js where that can run on the engine, else upon a registry's image.
 *
 * @returns its name, "baleen/validator:0123456789abcdef"
 * @throws ImageError, ProgramFileError, DockerError
 */
export async function ensureImage(engine: Engine, request: ImageRequest): Promise<string> {
  const files = await listProgramFiles(request.program);
  const failures: unknown[] = [];
  const recipes: readonly Recipe[] = [ensureOwn, ensureBuilt];
  for (const recipe of recipes) {
    try {
      const name = await recipe(engine, request, files);
      if (name !== undefined) return name;
    } catch (error) {
      request.signal.throwIfAborted();
      failures.push(error);
    }
  }
  throw new ImageError(
    `Cannot make an image for ${request.program.name}: ${failures.map(explainCause).join("; ")}`,
    { cause: failures.at(-1) },
  );
}

const ensureOwn: Recipe = async (engine, request, program) => {
  const target = await engine.version();
  const runtime = await findNodeRuntime(target, request);
  if (runtime.state === "unusable") return undefined;
  const image = await describeOwnImage(request.program, { runtime: runtime.files, program }, target);
  const name = `${image.repository}:${image.tag}`;
  if ((await engine.inspectImage(name))?.contentDigest === image.contentDigest) return name;
  request.onStep("building the image", name);
  await installImage(engine, { ...image, archive: image.pack() }, request);
  return name;
};

const ensureBuilt: Recipe = async (engine, request, files) => {
  const { program, onStep, signal } = request;
  const base = request.baseImage ?? registryBase;
  const { tag, context } = await describeBuild(program, base, files);
  const repository = `baleen/${program.name}`;
  const name = `${repository}:${tag}`;
  if ((await engine.inspectImage(name)) !== undefined) return name;
  const onProgress = () => {};
  if ((await engine.inspectImage(base)) === undefined) {
    onStep("pulling the base image", base);
    await engine.pullImage(base, { onProgress, signal }).catch((cause: unknown) => {
      const remedy =
        "Look at the network and the registry's login, or load it by hand (docker load), or use --runtime process.";
      throw new ImageError(`${explainCause(cause)}. ${remedy}`, { cause });
    });
  }
  onStep("building the image", name);
  const id = await engine.buildImage(packTar(context), { onProgress, signal });
  await nameIfGood(engine, { repository, tag, id }, request);
  return name;
};
