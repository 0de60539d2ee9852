import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Chunk, StorageAdapterInterface, StorageKey } from "@automerge/automerge-repo/slim";

/** Keys are words of letters, digits, "-" and "_"; anything else never becomes a name of a file. */
const isWord = (part: string) => /^[A-Za-z0-9_-]+$/.test(part);
const separator = ".";

/** Parts of documents as files of one folder, each written whole or not at all. */
export class FileStorage implements StorageAdapterInterface {
  readonly #folder: string;
  readonly #sizes = new Map<string, number>();
  readonly #writing = new Set<Promise<void>>();
  #writes = 0;
  #isClosed = false;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async open(folder: string): Promise<FileStorage> {
    await mkdir(folder, { recursive: true });
    const storage = new FileStorage(folder);
    for (const name of await readdir(folder)) {
      if (name.endsWith("~")) await rm(join(folder, name));
      else storage.#sizes.set(name, (await readFile(join(folder, name))).length);
    }
    return storage;
  }

  /** Of all parts that belong to documents, bytes. */
  get documentBytes(): number {
    let sum = 0;
    for (const [name, bytes] of this.#sizes) if (isOfDocument(name)) sum += bytes;
    return sum;
  }

  /** Whether any part of a document is here. */
  hasDocument(id: string): boolean {
    return this.#namesIn([id]).some(isOfDocument);
  }

  async load(key: StorageKey): Promise<Uint8Array | undefined> {
    const name = nameOf(key);
    return this.#sizes.has(name) ? new Uint8Array(await readFile(join(this.#folder, name))) : undefined;
  }

  /** Ignored once it is closed: the library saves a moment after a change. */
  async save(key: StorageKey, data: Uint8Array): Promise<void> {
    if (this.#isClosed) return;
    const writing = this.#write(nameOf(key), data);
    this.#writing.add(writing);
    await writing.finally(() => this.#writing.delete(writing));
  }

  /** Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#writing);
  }

  async remove(key: StorageKey): Promise<void> {
    await this.#removeFile(nameOf(key));
  }

  async loadRange(prefix: StorageKey): Promise<Chunk[]> {
    return await Promise.all(
      this.#namesIn(prefix).map(async (name) => ({
        key: name.split(separator),
        data: new Uint8Array(await readFile(join(this.#folder, name))),
      })),
    );
  }

  async removeRange(prefix: StorageKey): Promise<void> {
    for (const name of this.#namesIn(prefix)) await this.#removeFile(name);
  }

  async #write(name: string, data: Uint8Array): Promise<void> {
    const path = join(this.#folder, name);
    // The same part may be saved twice at once.
    const unfinished = `${path}.${this.#writes++}~`;
    await writeFile(unfinished, data);
    await rename(unfinished, path);
    this.#sizes.set(name, data.length);
  }

  #namesIn(prefix: StorageKey): string[] {
    const start = `${nameOf(prefix)}${separator}`;
    return [...this.#sizes.keys()].filter((name) => name.startsWith(start));
  }

  async #removeFile(name: string): Promise<void> {
    this.#sizes.delete(name);
    await rm(join(this.#folder, name), { force: true });
  }
}

/** Documents have parts beside their own, such as what is known of others that hold them. */
const isOfDocument = (name: string) => ["snapshot", "incremental"].includes(name.split(separator)[1] ?? "");

function nameOf(key: StorageKey): string {
  if (!key.every(isWord)) throw new TypeError(`the key ${JSON.stringify(key)} cannot name a file`);
  return key.join(separator);
}
