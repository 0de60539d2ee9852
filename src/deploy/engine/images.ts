/** What is asked of an engine about images. */
import type { Readable } from "node:stream";
import { type EngineContext, limited } from "./ask.ts";
import { readLogs } from "./containers.ts";
import { unlessMissing } from "./error.ts";
import { digestImage } from "./image-digest.ts";
import { parseProgress, readJsonLines } from "./streams.ts";
import type { Engine, ImageSummary, Progress } from "./types.ts";

export function imageRequests({ requests: docker, streams, ask }: EngineContext) {
  return {
    inspectImage: (name) =>
      ask(`inspect image ${name}`, () =>
        unlessMissing(async () => {
          const image = await docker.getImage(name).inspect(limited() as object);
          return {
            id: image.Id,
            tags: image.RepoTags ?? [],
            labels: image.Config.Labels ?? {},
            os: image.Os,
            architecture: image.Architecture,
            sizeBytes: image.Size,
            contentDigest: digestImage(image),
            registryDigests: image.RepoDigests ?? [],
          };
        }),
      ),
    listImages: (label) =>
      ask("list images", async () => {
        const images = await docker.listImages({ ...limited(), filters: { label: [label] } });
        return images.map(
          (image): ImageSummary => ({
            id: image.Id,
            // Engines before 25 put this where there is no name.
            tags: (image.RepoTags ?? []).filter((tag) => tag !== "<none>:<none>"),
            labels: image.Labels ?? {},
          }),
        );
      }),
    buildImage: (context, options) =>
      ask("build an image", async () => {
        // The client library pipes the context into its request, and hears of a failure there by itself.
        const request = { rm: true, forcerm: true, abortSignal: options.signal };
        const { imageIds } = await follow(await streams.buildImage(context, request), options);
        const imageId = imageIds.at(-1);
        if (imageId === undefined) throw new Error("the build ended without an image");
        return imageId;
      }),
    tagImage: (id, name, tag) =>
      ask(`name image ${name}:${tag}`, async () => {
        await docker.getImage(id).tag({ repo: name, tag, ...limited() });
      }),
    pullImage: (name, options) =>
      ask(`pull image ${name}`, async () => {
        const request = { fromImage: withTag(name), abortSignal: options.signal };
        await follow(await streams.createImage(request), options);
      }),
    loadImage: (archive, options) =>
      ask("load an image", async () => {
        try {
          const answer = await streams.loadImage(archive, { abortSignal: options.signal });
          const { loaded } = await follow(answer, options);
          if (loaded.length === 0) throw new Error("the archive holds no image");
          return loaded;
        } finally {
          archive.destroy();
        }
      }),
    saveImage: (name, signal) =>
      ask(`save image ${name}`, async () => {
        signal.throwIfAborted();
        const archive = (await streams.getImage(name).get()) as Readable;
        const giveUp = () => archive.destroy(signal.reason as Error);
        signal.addEventListener("abort", giveUp, { once: true });
        archive.once("close", () => signal.removeEventListener("abort", giveUp));
        return archive;
      }),
    removeImage: (id) =>
      ask(`remove image ${id}`, async () => {
        await unlessMissing(() => docker.getImage(id).remove(limited() as object));
      }),
    runOnce: ({ image, entrypoint, labels, timeoutMs, signal }) =>
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
          return { exitCode: ended, output: await readLogs(container, 20) };
        } finally {
          await container.remove({ force: true, v: true, ...limited() });
        }
      }),
  } satisfies Partial<Engine>;
}

/** Follows a long action to its end. */
async function follow(
  stream: NodeJS.ReadableStream,
  options: { onProgress: Progress; signal: AbortSignal },
): Promise<{ imageIds: string[]; loaded: string[] }> {
  const imageIds: string[] = [];
  const loaded: string[] = [];
  for await (const value of readJsonLines(stream as AsyncIterable<Buffer>)) {
    const step = parseProgress(value);
    if (step.error !== undefined) throw new Error(step.error);
    if (step.line !== undefined) options.onProgress(step.line);
    if (step.imageId !== undefined) imageIds.push(step.imageId);
    if (step.loaded !== undefined) loaded.push(step.loaded);
  }
  options.signal.throwIfAborted();
  return { imageIds, loaded };
}

/** Without a tag the engine would pull all that the repository has. */
function withTag(name: string): string {
  const last = name.slice(name.lastIndexOf("/") + 1);
  return /[:@]/.test(last) ? name : `${name}:latest`;
}
