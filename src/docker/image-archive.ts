import type { Readable } from "node:stream";
import type { NodeProgram } from "../contracts/deployment.ts";
import type { Environment } from "./endpoint.ts";

/** An image in a file that any engine of its processor can load; kept gzip'd. */
export interface ImageArchive {
  /** "baleen/validator:0123456789abcdef", the digits of its content. */
  readonly name: string;
  /** As Docker says it: "amd64", "arm64". */
  readonly architecture: string;
  /** As ImageInfo has it, known before anything is sent. */
  readonly contentDigest: string;
  /** Of the compressed archive. */
  readonly sizeBytes: number;
  /** The compressed archive, anew for each caller. */
  readonly open: () => Readable;
}

export interface ImageArchiveRequest {
  readonly program: NodeProgram;
  /** The coordinator's own Node.js binary. */
  readonly nodeBinary: string;
  readonly env: Environment;
  /** Processor of the hosts, as Docker says it: "amd64", "arm64". */
  readonly architecture: string;
  /** Where archives are kept from run to run; made where it is missing. */
  readonly cacheFolder: string;
  readonly signal: AbortSignal;
}

/** An archive, or what is missing here to make one. */
export type ImageArchiveResult =
  | { readonly state: "ready"; readonly archive: ImageArchive }
  | { readonly state: "impossible"; readonly reason: string };

/**
 * Makes the archive of a program's image from the coordinator's own Node.js and its libraries, without any engine;
 * or finds it in the cache, from which older ones of the same program are removed.
 *
 * @throws ProgramFileError, ImageError where the cache cannot be written, the signal's reason
 */
export async function prepareImageArchive(request: ImageArchiveRequest): Promise<ImageArchiveResult> {
  throw new Error(`not made yet: ${request.program.name}`);
}
