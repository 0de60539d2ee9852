import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Header, type Pack, pack } from "tar-stream";

export interface TarEntry {
  /** Relative, with forward slashes. */
  readonly path: string;
  readonly mode: number;
  /** Owner, user and group alike; default 0. */
  readonly owner?: number;
  readonly content:
    | { readonly kind: "directory" }
    | { readonly kind: "text"; readonly text: string }
    /** A file of this machine, `sizeBytes` long. */
    | { readonly kind: "file"; readonly source: string; readonly sizeBytes: number }
    /** What a stream yields, `sizeBytes` long. */
    | { readonly kind: "stream"; readonly open: () => Readable; readonly sizeBytes: number };
}

export function textEntry(path: string, text: string, mode = 0o644): TarEntry {
  return { path, mode, content: { kind: "text", text } };
}

export function folderEntry(path: string): TarEntry {
  return { path, mode: 0o755, content: { kind: "directory" } };
}

/**
 * Packs entries into a tar stream, in order, reading files as it is read. The same entries give the same bytes.
 * The stream fails where a file cannot be read or has changed its size.
 */
export function packTar(entries: readonly TarEntry[]): Readable {
  const archive = pack();
  feed(archive, entries).catch((error: unknown) => archive.destroy(error as Error));
  // It is a stream of the streamx package, which Node.js takes for one of its own.
  return archive as unknown as Readable;
}

async function feed(archive: Pack, entries: readonly TarEntry[]): Promise<void> {
  for (const { path: name, mode, owner = 0, content } of entries) {
    const header = { name, mode, uid: owner, gid: owner, mtime: new Date(0) };
    if (content.kind === "file" || content.kind === "stream") {
      const source = content.kind === "file" ? createReadStream(content.source) : content.open();
      await pipeline(source, archive.entry({ ...header, size: content.sizeBytes }));
    } else if (content.kind === "text") {
      await add(archive, header, content.text);
    } else {
      await add(archive, { ...header, type: "directory" }, "");
    }
  }
  archive.finalize();
}

function add(archive: Pack, header: Partial<Header> & { name: string }, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    archive.entry(header as Header, text, (error) => (error ? reject(error) : resolve()));
  });
}
