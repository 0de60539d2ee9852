import type { Readable } from "node:stream";
import type { DeployOptions } from "../../contracts/deployment.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { runLabel } from "../engine/ownership.ts";
import { nodePath } from "./node-runtime.ts";

/** No image that starts could be made. */
export class ImageError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("image", message, options);
  }
}

/** Why it failed, for a message of our own: what we put into words says all, what others threw may need its causes. */
export function explainCause(cause: unknown): string {
  return cause instanceof BaleenError ? cause.message : describeError(cause);
}

/** On whose behalf an image is put into an engine. */
export type InstallOptions = Pick<DeployOptions, "run" | "signal">;

/** How an image is seen to work. */
export interface StartCheck {
  readonly argv: readonly string[];
  /** What its output begins with; absent: that it starts at all is enough, since nobody knows what it would say. */
  readonly says?: RegExp | undefined;
}

export const nodeCheck: StartCheck = { argv: [nodePath, "--version"], says: /^v\d+\./ };

/** What an image is to be, once it was seen to start. */
export interface NewImage {
  /** "baleen/validator" */
  readonly repository: string;
  /** The first digits of its content's digest. */
  readonly tag: string;
  /** As inspectImage tells it; absent for one that the engine itself has built. */
  readonly contentDigest?: string;
  readonly check: StartCheck;
}

/**
 * Loads an image, sees that it is the one and that it starts, and only then names it: a name always means an image
 * that works.
 *
 * @throws ImageError, DockerError; the image is removed again
 */
export async function installImage(
  engine: Engine,
  image: NewImage & { readonly archive: Readable },
  options: InstallOptions,
): Promise<void> {
  const [id = ""] = await engine.loadImage(image.archive, { signal: options.signal });
  await nameIfGood(engine, { ...image, id }, options);
}

/** Names an image of ours once it was seen to start; else removes it. */
export async function nameIfGood(
  engine: Engine,
  image: NewImage & { readonly id: string },
  options: InstallOptions,
): Promise<void> {
  try {
    await checkImage(engine, image, options);
    await engine.tagImage(image.id, image.repository, image.tag);
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
  { id, contentDigest, check: { argv, says } }: Parameters<typeof nameIfGood>[1],
  { run, signal }: InstallOptions,
): Promise<void> {
  if (contentDigest !== undefined) {
    const arrived = (await engine.inspectImage(id))?.contentDigest;
    if (arrived !== contentDigest) throw new ImageError(`image ${id} is not the one that was sent`);
  }
  const { exitCode, output } = await engine.runOnce({
    image: id,
    entrypoint: argv,
    labels: { [runLabel]: run },
    timeoutMs: says === undefined ? checkTimeoutMs : undefined,
    signal,
  });
  const hasStarted =
    exitCode === undefined || !(startFailures.includes(exitCode) || execFailure.test(output));
  if (says === undefined ? hasStarted : exitCode === 0 && says.test(output)) return;
  const [program = "", ...rest] = argv;
  const command = [program.slice(program.lastIndexOf("/") + 1), ...rest].join(" ");
  throw new ImageError(
    `${command} ended with exit code ${exitCode} in the image: ${output.trim().slice(0, 500)}`,
  );
}
