import type { Readable } from "node:stream";
import type { Engine } from "./engine-types.ts";
import { ImageError } from "./image-error.ts";
import { nodePath } from "./node-runtime.ts";
import { runLabel } from "./ownership.ts";

/** On whose behalf an image is put into an engine. */
export interface InstallOptions {
  /** Id of the run. */
  readonly run: string;
  readonly signal: AbortSignal;
}

/** A nameless image in an archive, and what it is to be. */
export interface PackedImage {
  readonly repository: string;
  readonly tag: string;
  readonly contentDigest: string;
  readonly archive: Readable;
}

/**
 * Loads an image, sees that it is the one and that it starts, and only then names it: a name always means an image
 * that works.
 *
 * @returns its id in this engine
 * @throws ImageError, DockerError; the image is removed again
 */
export async function installImage(
  engine: Engine,
  image: PackedImage,
  options: InstallOptions,
): Promise<string> {
  const loading = { onProgress: () => {}, signal: options.signal };
  const [id] = await engine.loadImage(image.archive, loading);
  if (id === undefined) throw new ImageError("the archive held no image");
  return nameIfGood(engine, { ...image, id }, options);
}

/** Names an image of ours once it was seen to start; else removes it. */
export async function nameIfGood(
  engine: Engine,
  image: Omit<PackedImage, "archive" | "contentDigest"> & {
    readonly id: string;
    readonly contentDigest?: string;
  },
  options: InstallOptions,
): Promise<string> {
  try {
    await checkImage(engine, image, options);
    await engine.tagImage(image.id, image.repository, image.tag);
    return image.id;
  } catch (error) {
    await engine.removeImage(image.id);
    throw error;
  }
}

async function checkImage(
  engine: Engine,
  { id, contentDigest }: { id: string; contentDigest?: string },
  { run, signal }: InstallOptions,
): Promise<void> {
  if (contentDigest !== undefined) {
    const arrived = (await engine.inspectImage(id))?.contentDigest;
    if (arrived !== contentDigest) throw new ImageError(`image ${id} is not what was sent`);
  }
  const entrypoint = [nodePath, "--version"];
  const check = await engine.runOnce({ image: id, entrypoint, labels: { [runLabel]: run }, signal });
  if (check.exitCode === 0 && /^v\d+\./.test(check.output)) return;
  throw new ImageError(
    `node --version ended with exit code ${check.exitCode} in it: ${check.output.trim().slice(0, 500)}`,
  );
}
