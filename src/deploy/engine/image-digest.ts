import { createHash } from "node:crypto";

/** The parts of an image's description that decide what a container of it is; as the engine tells them. */
export interface ImageDescription {
  readonly Os: string;
  readonly Architecture: string;
  readonly RootFS: { readonly Layers?: readonly string[] | undefined };
  readonly Config: {
    readonly User?: string | undefined;
    readonly Env?: readonly string[] | null | undefined;
    readonly Entrypoint?: string | readonly string[] | null | undefined;
    readonly Cmd?: readonly string[] | null | undefined;
    readonly WorkingDir?: string | undefined;
    readonly Labels?: Readonly<Record<string, string>> | null | undefined;
  };
}

/**
 * Digest of what an image holds: its layers and what it starts. An image's id will not do to compare two engines:
 * it is the digest of its configuration in one and of its manifest in another, which keeps images in containerd.
 */
export function digestImage(image: ImageDescription): string {
  const { User, Env, Entrypoint, Cmd, WorkingDir, Labels } = image.Config;
  const labels = Object.entries(Labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  // Engines leave out what is empty, or say null; which of them depends on their version.
  const start = [User ?? "", Env ?? [], Entrypoint ?? [], Cmd ?? [], WorkingDir ?? "", labels];
  const content = [image.Os, image.Architecture, image.RootFS.Layers ?? [], start];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}
