import type { Readable } from "node:stream";
import type { Engine } from "../engine/engine.ts";
import { runLabel } from "../engine/ownership.ts";
import { ImageError } from "./error.ts";
import { nodePath } from "./node-runtime.ts";

/** On whose behalf an image is put into an engine. */
export interface InstallOptions {
  /** Id of the run. */
  readonly run: string;
  readonly signal: AbortSignal;
}

/** How an image is seen to work. */
export interface StartCheck {
  readonly argv: readonly string[];
  /** What its output begins with; absent: that it starts at all is enough, since nobody knows what it would say. */
  readonly says?: RegExp | undefined;
}

/** Sees that Node.js starts. */
export const nodeCheck: StartCheck = { argv: [nodePath, "--version"], says: /^v\d+\./ };

/** A nameless image in an archive, and what it is to be. */
export interface PackedImage {
  readonly repository: string;
  readonly tag: string;
  readonly contentDigest: string;
  readonly check: StartCheck;
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
  const [id] = await engine.loadImage(image.archive, { signal: options.signal });
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

/** A program that does not end by itself within this time has started. */
const checkTimeoutMs = 5_000;
/** Exit codes of what could not be executed, and of a loader that misses a library. */
const startFailures = [126, 127];
/** What containers say, with exit code 1, of a program that the kernel would not execute: of runc 1.1, and before it. */
const execFailure = /^(?:standard_init_linux\.go:\d+: )?exec (?:user process caused|\/\S+): /m;

async function checkImage(
  engine: Engine,
  { id, contentDigest, check }: { id: string; contentDigest?: string; check: StartCheck },
  { run, signal }: InstallOptions,
): Promise<void> {
  if (contentDigest !== undefined) {
    const arrived = (await engine.inspectImage(id))?.contentDigest;
    if (arrived !== contentDigest) throw new ImageError(`image ${id} is not what was sent`);
  }
  const { argv, says } = check;
  const timeoutMs = says === undefined ? checkTimeoutMs : undefined;
  const labels = { [runLabel]: run };
  const { exitCode, output } = await engine.runOnce({
    image: id,
    entrypoint: argv,
    labels,
    timeoutMs,
    signal,
  });
  const hasStarted =
    exitCode === undefined || !(startFailures.includes(exitCode) || execFailure.test(output));
  if (says === undefined ? hasStarted : exitCode === 0 && says.test(output)) return;
  const [program = "", ...rest] = argv;
  const command = [program.slice(program.lastIndexOf("/") + 1), ...rest].join(" ");
  throw new ImageError(`${command} ended with exit code ${exitCode} in it: ${output.trim().slice(0, 500)}`);
}
