import { BaleenError } from "../../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import type { ImageArchive } from "./archive.ts";
import { ensureImage, type ImageRequest, pull } from "./image.ts";
import { explainCause, ImageError, type InstallOptions, installImage } from "./install.ts";
import { countBytes, type SentArchive, saveCompressed } from "./saved-image.ts";

/** Where the image of the nodes comes from. */
export type ImageSource =
  /** Made here, without an engine. */
  | { readonly kind: "archive"; readonly archive: ImageArchive }
  /** From an engine that has it under that name; kept compressed in a temporary folder while it is sent. */
  | { readonly kind: "engine"; readonly engine: Engine; readonly name: string }
  /** From a registry, by every host itself; `ifMissing`: by those alone that have none of that name. */
  | { readonly kind: "pull"; readonly name: string; readonly ifMissing?: boolean | undefined }
  /** Built by every host itself upon a registry's image with Node.js: where no archive can be made here. */
  | { readonly kind: "build"; readonly request: Omit<ImageRequest, "signal" | "onStep"> };

export interface ImageTarget {
  readonly name: string;
  readonly engine: Engine;
}

export type DistributionStep =
  /** "verified": it is there, whole, and for the right processor. One that we made was seen to start, too. */
  | { readonly kind: "present" | "verified" }
  | { readonly kind: "sent"; readonly sentBytes: number; readonly totalBytes: number }
  /** What the host's engine says while it pulls or builds. */
  | { readonly kind: "step"; readonly line: string };

interface DistributionOptions extends InstallOptions {
  /** A host that takes nothing for this long before all is sent has failed. Default 60 s. */
  readonly stallMs?: number | undefined;
  readonly onProgress: (host: string, step: DistributionStep) => void;
}

const usualStallMs = 60_000;

export class ImageDistributionError extends BaleenError {
  readonly host: string;

  constructor(message: string, facts: { host: string; cause?: unknown }) {
    super("image-distribution", message, facts);
    this.host = facts.host;
  }
}

/**
 * Ensures that all hosts have an image, at the same time; those that have it are sent nothing.
 *
 * @returns the image's name, under which all of them have it
 * @throws ImageDistributionError of the first host that failed, the others being given up; the signal's reason
 */
export async function distributeImage(
  hosts: readonly ImageTarget[],
  source: ImageSource,
  options: DistributionOptions,
): Promise<string> {
  switch (source.kind) {
    case "archive":
      return distributeArchive(hosts, source.archive, options);
    case "engine":
      return distributeSaved(hosts, source, options);
    case "pull":
      return distributeByPull(hosts, source, options);
    case "build":
      return distributeByBuild(hosts, source, options);
  }
}

/**
 * Does something on all hosts at once; its signal aborts when another host has failed. The first failure is told, with
 * its host's name, once all have ended.
 */
async function onAllHosts<T>(
  hosts: readonly ImageTarget[],
  what: string,
  signal: AbortSignal,
  action: (host: ImageTarget, signal: AbortSignal) => Promise<T>,
): Promise<T[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const actions = hosts.map((host) =>
    action(host, either).catch((cause: unknown) => {
      const message = `Cannot put image ${what} on ${host.name}: ${explainCause(cause)}`;
      failed.abort(new ImageDistributionError(message, { host: host.name, cause }));
      throw cause;
    }),
  );
  const results = await Promise.allSettled(actions);
  signal.throwIfAborted();
  failed.signal.throwIfAborted();
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

async function distributeArchive(
  hosts: readonly ImageTarget[],
  archive: ImageArchive,
  options: DistributionOptions,
): Promise<string> {
  const name = `${archive.repository}:${archive.tag}`;
  const missing = await findMissing(hosts, { ...archive, name }, options);
  await onAllHosts(missing, name, options.signal, async (host, signal) => {
    const image = { ...archive, archive: countSent(archive, host, options) };
    await installImage(host.engine, image, { run: options.run, signal });
    options.onProgress(host.name, { kind: "verified" });
  });
  return name;
}

async function distributeSaved(
  hosts: readonly ImageTarget[],
  { engine, name }: Extract<ImageSource, { kind: "engine" }>,
  options: DistributionOptions,
): Promise<string> {
  const { signal } = options;
  const image = await engine.inspectImage(name);
  if (image === undefined) {
    throw new ImageError(`The engine at ${engine.description} has no image ${name}. See docker images.`);
  }
  const missing = await findMissing(hosts, { ...image, name }, options);
  if (missing.length === 0) return name;
  await using saved = await saveCompressed(engine, name, signal);
  await onAllHosts(missing, name, signal, async (host, either) => {
    await host.engine.loadImage(countSent(saved, host, options), { signal: either });
    await verify(host, { ...image, name }, options);
  });
  return name;
}

async function distributeByPull(
  hosts: readonly ImageTarget[],
  { name, ifMissing }: Extract<ImageSource, { kind: "pull" }>,
  options: DistributionOptions,
): Promise<string> {
  const pulled = await onAllHosts(hosts, name, options.signal, async (host, signal) => {
    const onProgress = (line: string) => options.onProgress(host.name, { kind: "step", line });
    if (ifMissing !== true || (await host.engine.inspectImage(name)) === undefined) {
      const remedy = "Check its name, and that the host can reach the registry and may pull from it.";
      await pull(host.engine, name, { onProgress, signal, remedy });
    }
    const { arch: architecture } = await host.engine.version();
    return verify(host, { name, architecture }, options);
  });
  for (const [index, image] of pulled.entries()) {
    const like = pulled.findIndex(({ architecture }) => architecture === image.architecture);
    if (pulled[like]?.contentDigest === image.contentDigest) continue;
    const [one, other] = [hosts[like]?.name, hosts[index]?.name];
    throw new ImageError(
      `${one} and ${other} pulled different images for ${name}. Use its digest instead (NAME@sha256:…).`,
    );
  }
  return name;
}

async function distributeByBuild(
  hosts: readonly ImageTarget[],
  { request }: Extract<ImageSource, { kind: "build" }>,
  options: DistributionOptions,
): Promise<string> {
  const what = `of ${request.program.name}`;
  const names = await onAllHosts(hosts, what, options.signal, async (host, signal) => {
    const onStep = (step: string, detail = "") =>
      options.onProgress(host.name, { kind: "step", line: `${step} ${detail}`.trim() });
    const name = await ensureImage(host.engine, { ...request, signal, onStep });
    await verify(host, { name, architecture: (await host.engine.version()).arch }, options);
    return name;
  });
  const [name, ...others] = new Set(names);
  if (name === undefined || others.length > 0) {
    throw new ImageError(
      `The hosts built different images ${what}: ${names.join(", ")}. Use hosts with the same processor.`,
    );
  }
  return name;
}

interface WantedImage {
  readonly name: string;
  readonly architecture: string;
  /** undefined: whatever a registry has under that name. */
  readonly contentDigest?: string;
}

/** The hosts that do not have it. Fails before anything is sent where a host cannot run it. */
async function findMissing(
  hosts: readonly ImageTarget[],
  image: WantedImage,
  options: DistributionOptions,
): Promise<ImageTarget[]> {
  const { signal, onProgress } = options;
  const found = await onAllHosts(hosts, image.name, signal, async (host) => {
    const { arch } = await host.engine.version();
    if (arch !== image.architecture) {
      throw new ImageError(`it is for ${image.architecture}, but the host is ${arch}. Nothing was sent.`);
    }
    const present = await host.engine.inspectImage(image.name);
    return present?.contentDigest === image.contentDigest ? undefined : host;
  });
  for (const [index, host] of hosts.entries()) {
    if (found[index] === undefined) onProgress(host.name, { kind: "present" });
  }
  return found.filter((host) => host !== undefined);
}

async function verify(
  { name: host, engine }: ImageTarget,
  wanted: WantedImage,
  { onProgress }: DistributionOptions,
) {
  const image = await engine.inspectImage(wanted.name);
  if (image === undefined) throw new ImageError(`it arrived, but not under the name ${wanted.name}`);
  if (image.architecture !== wanted.architecture) {
    throw new ImageError(`it is for ${image.architecture}, but the host is ${wanted.architecture}`);
  }
  if (wanted.contentDigest !== undefined && image.contentDigest !== wanted.contentDigest) {
    throw new ImageError(`the image that arrived is not the one that was sent (${image.id})`);
  }
  onProgress(host, { kind: "verified" });
  return image;
}

function countSent(archive: SentArchive, host: ImageTarget, options: DistributionOptions) {
  const totalBytes = archive.sizeBytes;
  const onBytes = (sentBytes: number) =>
    options.onProgress(host.name, { kind: "sent", sentBytes, totalBytes });
  return countBytes(archive.open(), { totalBytes, stallMs: options.stallMs ?? usualStallMs, onBytes });
}
