/** What is asked of an engine about images. */
import { createHash } from "node:crypto";
import { addAbortSignal, type Readable } from "node:stream";
import { TimeoutError } from "../../core/errors.ts";
import type { Client } from "./client.ts";
import { readLogs } from "./containers.ts";
import { unlessMissing } from "./error.ts";
import { followProgress } from "./streams.ts";
import type { LabelFilter, Labels, LongAction } from "./types.ts";

export interface SingleRun {
  readonly image: string;
  readonly entrypoint: readonly string[];
  readonly labels: Labels;
  readonly timeoutMs: number | undefined;
  readonly signal: AbortSignal;
}

export function imageRequests({ requests: docker, streams, answerMs, limited, ask, order }: Client) {
  return {
    /** undefined where there is none of that name or id. */
    inspectImage: (name: string) =>
      ask(`inspect image ${name}`, () =>
        unlessMissing(async () => {
          const image = await docker.getImage(name).inspect(limited() as object);
          const labels: Labels = image.Config.Labels ?? {};
          return {
            /** "sha256:…"; the same image has another one in an engine that keeps its images in containerd. */
            id: image.Id,
            labels,
            /** "linux" */
            os: image.Os,
            /** As Docker says it: "amd64", "arm64". */
            architecture: image.Architecture,
            /** Of its layers and of what it starts: the same wherever the image is, however the engine keeps it. */
            contentDigest: digestImage(image),
            /** Under which registries have it: "node@sha256:…"; none for an image that was never pulled. */
            registryDigests: image.RepoDigests ?? [],
          };
        }),
      ),
    listImages: (label: LabelFilter) =>
      ask("list images", async () => {
        const images = await docker.listImages({ ...limited(), filters: { label: [label] } });
        return images.map((image) => ({
          id: image.Id,
          // Engines before 25 put this where there is no name.
          tags: (image.RepoTags ?? []).filter((tag) => tag !== "<none>:<none>"),
        }));
      }),
    /** Builds an image without a name from a context with a Dockerfile; returns its id. */
    buildImage: (context: Readable, options: LongAction) =>
      ask("build an image", async () => {
        // The client library pipes the context into its request, and hears of a failure there by itself.
        const request = { rm: true, forcerm: true, abortSignal: options.signal };
        const { built } = await follow(await streams.buildImage(context, request), options);
        const imageId = built.at(-1);
        if (imageId === undefined) throw new Error("the build ended without an image");
        return imageId;
      }),
    /** `name` without tag. */
    tagImage: (id: string, name: string, tag: string) =>
      order(`name image ${name}:${tag}`, () => docker.getImage(id).tag({ repo: name, tag, ...limited() })),
    pullImage: (name: string, options: LongAction) =>
      order(`pull image ${name}`, async () => {
        const request = { fromImage: withTag(name), abortSignal: options.signal };
        await follow(await streams.createImage(request), options);
      }),
    /**
     * Takes in an archive as `docker save` writes it, compressed or not; destroys the stream where that fails.
     *
     * @returns the names of what was in it, or the id of an image without a name; at least one
     */
    loadImage: (archive: Readable, { signal, onProgress }: LongAction) =>
      ask("load an image", async () => {
        const silent = new AbortController();
        // Runs once all is sent: until then it is for the archive to see that it is taken.
        let timer: NodeJS.Timeout | undefined;
        archive.once("end", () => {
          const message = `no sign that the image was loaded for ${answerMs / 1000} s`;
          timer = setTimeout(() => silent.abort(new TimeoutError(message, answerMs)), answerMs);
        });
        const either = AbortSignal.any([signal, silent.signal]);
        try {
          const answer = await streams.loadImage(archive, { abortSignal: either });
          const heard = (line: string) => {
            timer?.refresh();
            onProgress?.(line);
          };
          const { loaded } = await follow(answer, { signal: either, onProgress: heard });
          if (loaded.length === 0) throw new Error("the archive contains no image");
          return loaded;
        } catch (error) {
          silent.signal.throwIfAborted();
          throw error;
        } finally {
          clearTimeout(timer);
          archive.destroy();
        }
      }),
    /** The archive of an image, uncompressed. */
    saveImage: (name: string, signal: AbortSignal) =>
      ask(`save image ${name}`, async () => {
        signal.throwIfAborted();
        return addAbortSignal(signal, (await streams.getImage(name).get()) as Readable);
      }),
    /** Fails with status 409 where a container uses it. */
    removeImage: (id: string) =>
      order(`remove image ${id}`, () => unlessMissing(() => docker.getImage(id).remove(limited() as object))),
    /**
     * Runs a container of its own to its end, without network, and removes it.
     *
     * @param run.timeoutMs how long it is waited for; one that runs longer is killed, and has no exit code
     */
    runOnce: ({ image, entrypoint, labels, timeoutMs, signal }: SingleRun) =>
      ask(`run image ${image}`, async () => {
        const container = await docker.createContainer({
          Image: image,
          Entrypoint: [...entrypoint],
          Labels: { ...labels },
          HostConfig: { NetworkMode: "none" },
          abortSignal: signal,
        });
        try {
          await container.start(limited() as object);
          const limit = timeoutMs === undefined ? [] : [AbortSignal.timeout(timeoutMs)];
          const abortSignal = AbortSignal.any([signal, ...limit]);
          const ended = await container.wait({ abortSignal } as object).then(
            ({ StatusCode }: { StatusCode: number }) => StatusCode,
            (error: unknown) => {
              if (signal.aborted || !abortSignal.aborted) throw error;
              return undefined;
            },
          );
          return { exitCode: ended, output: await readLogs(container, 20, limited()) };
        } finally {
          await container.remove({ force: true, v: true, ...limited() });
        }
      }),
  };
}

async function follow(stream: NodeJS.ReadableStream, { onProgress, signal }: LongAction) {
  const made = await followProgress(stream as AsyncIterable<Buffer>, onProgress);
  signal.throwIfAborted();
  return made;
}

/** Without a tag the engine would pull all that the repository has. */
function withTag(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return /[:@]/.test(last) ? name : `${name}:latest`;
}

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
