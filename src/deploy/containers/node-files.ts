import { basename, dirname } from "node:path";
import type { NodeFile } from "../../contracts/deployment.ts";
import type { Engine } from "../engine/engine.ts";
import { imageHome, imageUser } from "../images/image.ts";
import { packTar, type TarEntry } from "../images/tar.ts";

/**
 * Lays a node's files into the home of its container, which need not run. The home itself goes to our user: its volume
 * belongs to root in an image that has no such folder.
 */
export async function putNodeFiles(
  engine: Engine,
  containerId: string,
  files: readonly NodeFile[],
): Promise<void> {
  const owner = imageUser;
  const home = basename(imageHome);
  const placed = files.map((file) => ({ ...file, path: `${home}/${file.path}` }));
  // From above: what an archive says of the folder that it is unpacked into is not heeded.
  const folders = new Set([home]);
  for (const file of placed) {
    for (let path = dirname(file.path); path !== "."; path = dirname(path)) folders.add(path);
  }
  const entries: TarEntry[] = [
    ...[...folders].sort().map((path): TarEntry => {
      return { path, mode: 0o755, owner, content: { kind: "directory" } };
    }),
    ...placed.map(({ path, mode, content }): TarEntry => {
      return { path, mode, owner, content: { kind: "text", text: content } };
    }),
  ];
  await engine.putArchive(containerId, packTar(entries), dirname(imageHome));
}
