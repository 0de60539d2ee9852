/** Where things lie in our images. */
import type { NodeProgram } from "../../contracts/deployment.ts";
import { type ImageFile, nodePath } from "./node-runtime.ts";
import type { TarEntry } from "./tar.ts";

/** Home of the node's user: writable, and where its volume is mounted. */
export const imageHome = "/home/node";
/** The user `node` of the registry's image, and of ours. */
export const imageUser = 1000;

/** What a container of a program's image runs. */
export function entrypointOf(program: NodeProgram): string[] {
  return [nodePath, `/app/${program.entry}`];
}

/** Files of this machine as entries of an archive, in a folder of it. */
export function placeFiles(folder: string, files: readonly ImageFile[]): TarEntry[] {
  return files.map(({ path, source, sizeBytes, executable }) => ({
    path: folder === "" ? path : `${folder}/${path}`,
    mode: executable ? 0o755 : 0o644,
    content: { kind: "file", source, sizeBytes },
  }));
}
