import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { digestImage } from "../engine/images.ts";
import { type ImageContent, type ImageTools, type PackedProgram, readImageContent } from "./content.ts";
import type { NewImage } from "./install.ts";
import { imageHome, imageUser, type Platform, placeFiles, type Unusable } from "./node-runtime.ts";
import { folderEntry, packTar, type TarEntry, textEntry } from "./tar.ts";

/** An image made of files of this machine, from nothing: no engine and no registry takes part. */
export interface OwnImage extends Required<NewImage> {
  readonly architecture: string;
  /** Its archive for `docker load`, uncompressed: without a name, which it gets once it was seen to start. */
  readonly pack: () => Readable;
}

/** Any fixed time will do: the same content is to give the same image. */
const created = "1970-01-01T00:00:00Z";

/**
 * Reads all that is to be in the image of a program, which takes a while; writes nothing.
 *
 * @throws ProgramFileError, the signal's reason
 */
export async function describeImage(
  program: PackedProgram,
  target: Platform,
  tools: ImageTools & { readonly signal: AbortSignal },
): Promise<OwnImage | Unusable> {
  const content = await readImageContent(program, target, tools);
  if ("reason" in content) return content;
  tools.signal.throwIfAborted();
  return describeOwnImage(content, target);
}

/**
 * Describes an image; reads all its files once.
 *
 * @see Docker Image Specification v1.2, "Combined Image JSON + Filesystem Changeset Format"
 */
export async function describeOwnImage(content: ImageContent, { os, arch }: Platform): Promise<OwnImage> {
  const layers = await Promise.all(layersOf(content).map(measureLayer));
  const diffIds = layers.map(({ digest }) => `sha256:${digest}`);
  const config = {
    User: `${imageUser}:${imageUser}`,
    Env: Object.entries(content.env).map(([name, value]) => `${name}=${value}`),
    Entrypoint: content.entrypoint,
    WorkingDir: imageHome,
    Labels: content.labels,
  };
  const described = { Os: os, Architecture: arch, RootFS: { Layers: diffIds }, Config: config };
  const contentDigest = digestImage(described);
  const image = JSON.stringify({
    architecture: arch,
    os,
    created,
    config,
    rootfs: { type: "layers", diff_ids: diffIds },
    history: layers.map(() => ({ created, created_by: "baleen" })),
  });
  const archive = archiveEntries(
    image,
    layers.map(({ file }) => file),
  );
  return {
    repository: content.repository,
    tag: contentDigest.slice(0, 16),
    architecture: arch,
    contentDigest,
    check: content.check,
    pack: () => packTar(archive),
  };
}

/** Two layers: programs change, and an engine that has the other one unpacks little. */
function layersOf({ runtime, program }: ImageContent): TarEntry[][] {
  const home = { ...folderEntry(imageHome.slice(1)), owner: imageUser };
  return [
    withFolders([...systemEntries(), ...placeFiles("", runtime)]),
    withFolders([home, ...placeFiles("", program)]),
  ];
}

/** Finds the SHA-256 of a layer's tar, and its place in the image's archive. */
async function measureLayer(entries: readonly TarEntry[]) {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of packTar(entries) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  const digest = hash.digest("hex");
  const content = { kind: "stream", open: () => packTar(entries), sizeBytes } as const;
  const file: TarEntry = { path: `${digest}/layer.tar`, mode: 0o644, content };
  return { digest, file };
}

function archiveEntries(image: string, files: readonly TarEntry[]): TarEntry[] {
  const imageFile = `${createHash("sha256").update(image).digest("hex")}.json`;
  const manifest = [{ Config: imageFile, RepoTags: null, Layers: files.map(({ path }) => path) }];
  const texts = [textEntry(imageFile, image), textEntry("manifest.json", JSON.stringify(manifest))];
  return withFolders([...texts, ...files]);
}

/** What a system needs besides Node.js: its users, a place for temporary files, how host names are looked up. */
function systemEntries(): TarEntry[] {
  const nobody = "/sbin/nologin";
  return [
    { ...folderEntry("tmp"), mode: 0o1777 },
    textEntry(
      "etc/passwd",
      `root:x:0:0::/:${nobody}\nnode:x:${imageUser}:${imageUser}::${imageHome}:${nobody}\n`,
    ),
    textEntry("etc/group", `root:x:0:\nnode:x:${imageUser}:\n`),
    textEntry("etc/nsswitch.conf", "hosts: files dns\n"),
  ];
}

/** Puts entries in order of path, with every folder on the way: some engines give those left out no rights. */
function withFolders(entries: readonly TarEntry[]): TarEntry[] {
  const all = new Map<string, TarEntry>();
  for (const { path } of entries) {
    const parts = path.split("/");
    for (let depth = 1; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      all.set(folder, folderEntry(folder));
    }
  }
  for (const entry of entries) all.set(entry.path, entry);
  return [...all.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
