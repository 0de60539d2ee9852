import { BaleenError } from "../core/errors.ts";
import type { Engine } from "./engine-types.ts";
import type { ImageRequest } from "./image.ts";
import type { ImageArchive } from "./image-archive.ts";

/** Where the image of the nodes comes from. */
export type ImageSource =
  /** Made here, without an engine. */
  | { readonly kind: "archive"; readonly archive: ImageArchive }
  /** From an engine that has it under that name; kept compressed in a temporary folder while it is sent. */
  | { readonly kind: "engine"; readonly engine: Engine; readonly name: string }
  /** From a registry, by every host itself. */
  | { readonly kind: "pull"; readonly name: string }
  /** Built by every host itself upon a registry's image with Node.js: where no archive can be made here. */
  | { readonly kind: "build"; readonly request: Omit<ImageRequest, "signal" | "onStep"> };

/** A host's engine. */
export interface ImageTarget {
  readonly name: string;
  readonly engine: Engine;
}

export type DistributionStep =
  /** The host had it already. */
  | { readonly kind: "present" }
  | { readonly kind: "sent"; readonly sentBytes: number; readonly totalBytes: number }
  /** What the host's engine says while it pulls or builds. */
  | { readonly kind: "step"; readonly line: string }
  /** It is there, whole, for the right processor, and it starts. */
  | { readonly kind: "verified"; readonly imageId: string };

export interface DistributionOptions {
  /** Id of the run on whose behalf it is done. */
  readonly run: string;
  readonly signal: AbortSignal;
  readonly onProgress: (host: string, step: DistributionStep) => void;
}

/** A host did not get the image. */
export class ImageDistributionError extends BaleenError {
  readonly host: string;

  constructor(message: string, facts: { host: string; cause?: unknown }) {
    super("image-distribution", message, facts);
    this.host = facts.host;
  }
}

/**
 * Ensures that all hosts have an image, at the same time; those that have it are sent nothing.
 *
 * @returns the image's name, under which all of them have it
 * @throws ImageDistributionError of the first host that failed, the others being given up; the signal's reason
 */
export async function distributeImage(
  hosts: readonly ImageTarget[],
  source: ImageSource,
  options: DistributionOptions,
): Promise<string> {
  throw new Error(`not made yet: ${source.kind} to ${hosts.length} hosts, for ${options.run}`);
}
