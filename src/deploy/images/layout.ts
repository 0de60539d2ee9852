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

/** What a system needs besides Node.js: its users, a place for temporary files, how host names are looked up. */
export function systemEntries(): TarEntry[] {
  const text = (path: string, content: string): TarEntry => {
    return { path, mode: 0o644, content: { kind: "text", text: content } };
  };
  const nobody = "/sbin/nologin";
  return [
    { path: "tmp", mode: 0o1777, content: { kind: "directory" } },
    text("etc/passwd", `root:x:0:0::/:${nobody}\nnode:x:${imageUser}:${imageUser}::${imageHome}:${nobody}\n`),
    text("etc/group", `root:x:0:\nnode:x:${imageUser}:\n`),
    text("etc/nsswitch.conf", "hosts: files dns\n"),
  ];
}

/** Puts entries in order of path, with every folder on the way: some engines give those left out no rights. */
export function withFolders(entries: readonly TarEntry[]): TarEntry[] {
  const all = new Map<string, TarEntry>();
  for (const { path } of entries) {
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      all.set(folder, { path: folder, mode: 0o755, content: { kind: "directory" } });
    }
  }
  for (const entry of entries) all.set(entry.path, entry);
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
