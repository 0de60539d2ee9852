import type { ForeignProgram } from "../contracts/deployment.ts";
import type { ChosenProgram } from "../contracts/nodes/program.ts";

/** A program that others publish, with an image of theirs. */
export interface PublishedProgram {
  /** Of its binary, on PATH and in the image. */
  readonly name: string;
  readonly image: string;
  readonly remedy: string;
}

/**
 * What runs of it. Where a file was named and no image, containers run an image that is made of it; a published one
 * would start something else by itself.
 */
export function programOf(
  { name, image, remedy }: PublishedProgram,
  { path, image: chosen }: ChosenProgram = {},
): ForeignProgram {
  const named = chosen ?? (path === undefined ? image : undefined);
  return {
    kind: "foreign-program",
    name,
    path,
    image: named,
    ...(named === undefined ? {} : { entrypoint: [name] }),
    remedy,
  };
}
