import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { digestImage } from "../engine/image-digest.ts";
import type { ImageContent } from "./content.ts";
import type { StartCheck } from "./install.ts";
import { imageHome, imageUser, placeFiles, systemEntries, withFolders } from "./layout.ts";
import type { Platform } from "./node-runtime.ts";
import { packTar, type TarEntry } from "./tar.ts";

/** An image made of files of this machine, from nothing: no engine and no registry takes part. */
export interface OwnImage {
  /** "baleen/validator" */
  readonly repository: string;
  /** The first digits of its content's digest. */
  readonly tag: string;
  readonly architecture: string;
  /** As ImageInfo has it. */
  readonly contentDigest: string;
  readonly check: StartCheck;
  /** Its archive for `docker load`, uncompressed: without a name, which it gets once it was seen to start. */
  readonly pack: () => Readable;
}

/** Any fixed time will do: the same content is to give the same image. */
const created = "1970-01-01T00:00:00Z";

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
  const archive = archiveEntries(image, layers);
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
  const home: TarEntry = {
    path: imageHome.slice(1),
    mode: 0o755,
    owner: imageUser,
    content: { kind: "directory" },
  };
  return [
    withFolders([...systemEntries(), ...placeFiles("", runtime)]),
    withFolders([home, ...placeFiles("", program)]),
  ];
}

interface Layer {
  readonly entries: readonly TarEntry[];
  /** SHA-256 of its tar. */
  readonly digest: string;
  readonly sizeBytes: number;
}

async function measureLayer(entries: readonly TarEntry[]): Promise<Layer> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of packTar(entries) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { entries, digest: hash.digest("hex"), sizeBytes };
}

function archiveEntries(image: string, layers: readonly Layer[]): TarEntry[] {
  const text = (path: string, content: string): TarEntry => {
    return { path, mode: 0o644, content: { kind: "text", text: content } };
  };
  const imageFile = `${createHash("sha256").update(image).digest("hex")}.json`;
  const layerFiles = layers.map(({ digest }) => `${digest}/layer.tar`);
  const layerEntries = layers.map(({ entries, sizeBytes }, index): TarEntry => {
    const content = { kind: "stream", open: () => packTar(entries), sizeBytes } as const;
    return { path: layerFiles[index] ?? "", mode: 0o644, content };
  });
  const manifest = JSON.stringify([{ Config: imageFile, RepoTags: null, Layers: layerFiles }]);
  return withFolders([text(imageFile, image), ...layerEntries, text("manifest.json", manifest)]);
}
