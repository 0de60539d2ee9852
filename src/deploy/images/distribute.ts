import { BaleenError } from "../../core/errors.ts";
import type { Engine } from "../engine/engine.ts";
import { countBytes, type ImageArchive, type SentArchive, saveCompressed } from "./archive.ts";
import { ensureImage, type ImageRequest, pull } from "./image.ts";
import { explainCause, ImageError, type InstallOptions, installImage } from "./install.ts";

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
  /** A host that takes nothing for this long before all is sent has failed. Default: as its engine may take to answer. */
  readonly stallMs?: number | undefined;
  readonly onProgress: (host: string, step: DistributionStep) => void;
}

export class ImageDistributionError extends BaleenError {
  readonly host: string;

  constructor(message: string, facts: { host: string; cause?: unknown }) {
    super("image-distribution", message, facts);
    this.host = facts.host;
  }
}

/** What is under way, and on which hosts. */
interface Distribution extends DistributionOptions {
  readonly hosts: readonly ImageTarget[];
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
  const work = { ...options, hosts };
  switch (source.kind) {
    case "archive":
      return sendArchive(work, source.archive);
    case "engine":
      return sendSaved(work, source);
    case "pull":
      return pullOnHosts(work, source);
    case "build":
      return buildOnHosts(work, source);
  }
}

/**
 * Does something on all hosts at once; its signal aborts when another host has failed. The first failure is told, with
 * its host's name, once all have ended.
 */
async function onAllHosts<T>(
  { hosts, signal }: Distribution,
  what: string,
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

async function sendArchive(work: Distribution, archive: ImageArchive): Promise<string> {
  const name = `${archive.repository}:${archive.tag}`;
  const missing = await findMissing(work, name, archive);
  await onAllHosts(missing, name, async (host, signal) => {
    const image = { ...archive, archive: countSent(archive, host, work) };
    await installImage(host.engine, image, { run: work.run, signal });
    work.onProgress(host.name, { kind: "verified" });
  });
  return name;
}

async function sendSaved(
  work: Distribution,
  { engine, name }: Extract<ImageSource, { kind: "engine" }>,
): Promise<string> {
  const image = await engine.inspectImage(name);
  if (image === undefined) {
    throw new ImageError(`The engine at ${engine.description} has no image ${name}. See docker images.`);
  }
  const missing = await findMissing(work, name, image);
  if (missing.hosts.length === 0) return name;
  await using saved = await saveCompressed(engine, name, work);
  await onAllHosts(missing, name, async (host, signal) => {
    await host.engine.loadImage(countSent(saved, host, work), { signal });
    await verify(host, name, work, image.contentDigest);
  });
  return name;
}

async function pullOnHosts(
  work: Distribution,
  { name, ifMissing }: Extract<ImageSource, { kind: "pull" }>,
): Promise<string> {
  const pulled = await onAllHosts(work, name, async (host, signal) => {
    const onProgress = (line: string) => work.onProgress(host.name, { kind: "step", line });
    if (ifMissing !== true || (await host.engine.inspectImage(name)) === undefined) {
      const remedy = "Check its name, and that the host can reach the registry and may pull from it.";
      await pull(host.engine, name, { onProgress, signal, remedy });
    }
    return verify(host, name, work);
  });
  for (const [index, image] of pulled.entries()) {
    const like = pulled.findIndex(({ architecture }) => architecture === image.architecture);
    if (pulled[like]?.contentDigest === image.contentDigest) continue;
    const [one, other] = [work.hosts[like]?.name, work.hosts[index]?.name];
    throw new ImageError(
      `${one} and ${other} pulled different images for ${name}. Use its digest instead (NAME@sha256:…).`,
    );
  }
  return name;
}

async function buildOnHosts(
  work: Distribution,
  { request }: Extract<ImageSource, { kind: "build" }>,
): Promise<string> {
  const what = `of ${request.program.name}`;
  const names = await onAllHosts(work, what, async (host, signal) => {
    const onStep = (step: string, detail = "") =>
      work.onProgress(host.name, { kind: "step", line: `${step} ${detail}`.trim() });
    const name = await ensureImage(host.engine, { ...request, signal, onStep });
    await verify(host, name, work);
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

/** The same for the hosts that do not have it. Fails before anything is sent where a host cannot run it. */
async function findMissing(
  work: Distribution,
  name: string,
  image: { readonly architecture: string; readonly contentDigest: string },
): Promise<Distribution> {
  const present = await onAllHosts(work, name, async ({ engine }) => {
    const { arch } = await engine.version();
    if (arch !== image.architecture) {
      throw new ImageError(`it is for ${image.architecture}, but the host is ${arch}. Nothing was sent.`);
    }
    return (await engine.inspectImage(name))?.contentDigest === image.contentDigest;
  });
  for (const [index, { name: host }] of work.hosts.entries()) {
    if (present[index]) work.onProgress(host, { kind: "present" });
  }
  return { ...work, hosts: work.hosts.filter((_, index) => !present[index]) };
}

/** @param contentDigest undefined: whatever a registry has under that name */
async function verify(
  { name: host, engine }: ImageTarget,
  name: string,
  { onProgress }: Distribution,
  contentDigest?: string,
) {
  const { arch } = await engine.version();
  const image = await engine.inspectImage(name);
  if (image === undefined) throw new ImageError(`it arrived, but not under the name ${name}`);
  if (image.architecture !== arch) {
    throw new ImageError(`it is for ${image.architecture}, but the host is ${arch}`);
  }
  if (contentDigest !== undefined && image.contentDigest !== contentDigest) {
    throw new ImageError(`the image that arrived is not the one that was sent (${image.id})`);
  }
  onProgress(host, { kind: "verified" });
  return image;
}

function countSent(
  { sizeBytes: totalBytes, open }: SentArchive,
  host: ImageTarget,
  { onProgress, stallMs = host.engine.timeoutMs }: Distribution,
) {
  const onBytes = (sentBytes: number) => onProgress(host.name, { kind: "sent", sentBytes, totalBytes });
  return countBytes(open(), { totalBytes, stallMs, onBytes });
}
