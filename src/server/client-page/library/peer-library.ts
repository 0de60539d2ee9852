/** Which peer library a client page runs, and where its files come from. */
import { existsSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { catalystPeer, usualPeerLibrary } from "../../../contracts/peer-tests/peer-library.ts";
import { BaleenError } from "../../../core/errors.ts";

/**
 * A released version of the package that the page knows; a folder with another build of it; or a module that exports
 * `peerLibrary`, for any other library.
 */
export type LibrarySource =
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "module"; readonly file: string };

/** The library cannot be had, or not be packed for a browser; the message says why. */
export class PeerLibraryError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("peer-library", message, options);
  }
}

/**
 * @param text "@dcl/catalyst-peer@1.0.4", or the path of a folder or of a module
 * @throws PeerLibraryError where it is neither
 */
export function parseLibrarySource(text: string): LibrarySource {
  const [, version] = /^@dcl\/catalyst-peer@(\d+\.\d+\.\d+(?:-[\w.-]+)?)$/.exec(text) ?? [];
  if (version !== undefined) return { kind: "version", version };
  const path = resolve(text);
  if (text !== "" && existsSync(join(path, "package.json"))) return { kind: "folder", folder: path };
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return { kind: "module", file: path };
  throw new PeerLibraryError(
    `No peer library: ${JSON.stringify(text)}. Give a version such as ${usualPeerLibrary}, a folder with a package.json, or a module that exports peerLibrary.`,
  );
}

export interface LocatedLibrary {
  readonly name: string;
  readonly version: string;
  /** What the page imports of it. */
  readonly entry: string;
  /** Whether the entry exports what the package @dcl/catalyst-peer exports, and not `peerLibrary`. */
  readonly isCatalystPeer: boolean;
  /** Modules that stand for others: a package's own build for browsers, which needs nothing of Node.js. */
  readonly aliases: Readonly<Record<string, string>>;
}

/**
 * @param installed folder whose node_modules holds the version that was asked for
 * @throws PeerLibraryError where the package is not whole
 */
export async function locateLibrary(source: LibrarySource, installed: string): Promise<LocatedLibrary> {
  if (source.kind === "module") {
    return { name: source.file, version: "", entry: source.file, isCatalystPeer: false, aliases: {} };
  }
  const folder = source.kind === "folder" ? source.folder : join(installed, "node_modules", catalystPeer);
  const file = join(folder, "package.json");
  const load = createRequire(file);
  try {
    const { name, version } = JSON.parse(await readFile(file, "utf8")) as Record<"name" | "version", string>;
    const entry = load.resolve(folder);
    const aliases = { "simple-peer": load.resolve("simple-peer/simplepeer.min.js") };
    return { name, version, entry, isCatalystPeer: true, aliases };
  } catch (cause) {
    throw new PeerLibraryError(`${folder} is no built ${catalystPeer} with its dependencies installed`, {
      cause,
    });
  }
}
