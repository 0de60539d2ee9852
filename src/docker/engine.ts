import { readFile } from "node:fs/promises";
import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { join } from "node:path";
import Docker from "dockerode";
import { describeError } from "../core/errors.ts";
import { watchDeaths } from "./deaths.ts";
import { DockerError, explainDockerFailure, unlessMissing, unlessStatus } from "./docker-error.ts";
import { type EngineAddress, formatEngineAddress } from "./endpoint.ts";
import type { ContainerSummary, Engine, ImageInfo } from "./engine-types.ts";
import { demultiplex, parseProgress, parseStats, readJsonLines } from "./streams.ts";

/** An answer that takes longer than this is none; builds, pulls and events have no such limit. */
const answerTimeoutMs = 60_000;
const probeTimeoutMs = 10_000;

/**
 * Makes the connection to an engine; nothing is sent before the first question.
 *
 * @throws DockerError where the certificates of a TLS engine cannot be read
 */
export async function openEngine(address: EngineAddress): Promise<Engine> {
  const description = `${formatEngineAddress(address)} (${address.source})`;
  const ask = async <T>(action: string, request: () => Promise<T>): Promise<T> => {
    try {
      return await request();
    } catch (error) {
      throw explainDockerFailure(action, description, error);
    }
  };
  const docker = await connect(address);
  return {
    description,
    version: () =>
      ask("tell its version", async () => {
        // Its options are missing in the library's types only.
        const typed = docker as unknown as { version: (options: object) => Promise<Docker.DockerVersion> };
        const told = await typed.version({ abortSignal: AbortSignal.timeout(probeTimeoutMs) });
        return { version: told.Version, apiVersion: told.ApiVersion, os: told.Os, arch: told.Arch };
      }),
    ...imageRequests(docker, ask),
    ...containerRequests(docker, ask),
    ...resourceRequests(docker, ask),
  };
}

type Ask = <T>(action: string, request: () => Promise<T>) => Promise<T>;

async function connect(address: EngineAddress): Promise<Docker> {
  // The library takes from the environment what is not given; that was decided when the address was resolved.
  const nothing = { host: undefined, ca: undefined, cert: undefined, key: undefined, timeout: undefined };
  // A connection for each request: one that is kept would be dead once the engine was started anew.
  const agent = new Agent({ keepAlive: false });
  if (address.kind === "unix") {
    return new Docker({ ...nothing, socketPath: address.socketPath, agent } as Docker.DockerOptions);
  }
  const { host, port, certificates } = address;
  const target = { ...nothing, host, port, pathPrefix: "/" };
  if (certificates === undefined) {
    return new Docker({ ...target, protocol: "http", agent } as unknown as Docker.DockerOptions);
  }
  const read = (name: string) => readFile(join(certificates, name), "utf8");
  const [ca, cert, key] = await Promise.all([read("ca.pem"), read("cert.pem"), read("key.pem")]).catch(
    (cause: unknown) => {
      const message = `Cannot read the certificates for the Docker engine (${address.source}): ${describeError(cause)}. Set DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.`;
      throw new DockerError("certificates", message, { cause });
    },
  );
  const secureAgent = new SecureAgent({ keepAlive: false });
  return new Docker({
    ...target,
    protocol: "https",
    ca,
    cert,
    key,
    agent: secureAgent,
  } as Docker.DockerOptions);
}

function limited(extraMs = 0): { abortSignal: AbortSignal } {
  return { abortSignal: AbortSignal.timeout(answerTimeoutMs + extraMs) };
}

function imageRequests(docker: Docker, ask: Ask) {
  const follow = async (
    stream: NodeJS.ReadableStream,
    options: { onProgress: (line: string) => void; signal: AbortSignal },
  ): Promise<string | undefined> => {
    let imageId: string | undefined;
    for await (const value of readJsonLines(stream as AsyncIterable<Buffer>)) {
      const step = parseProgress(value);
      if (step.error !== undefined) throw new Error(step.error);
      if (step.line !== undefined) options.onProgress(step.line);
      imageId = step.imageId ?? imageId;
    }
    options.signal.throwIfAborted();
    return imageId;
  };
  return {
    inspectImage: (name) =>
      ask(`inspect image ${name}`, () =>
        unlessMissing(async () => {
          const image = await docker.getImage(name).inspect(limited() as object);
          return { id: image.Id, tags: image.RepoTags ?? [], labels: image.Config.Labels ?? {} };
        }),
      ),
    listImages: (label) =>
      ask("list images", async () => {
        const images = await docker.listImages({ ...limited(), filters: { label: [label] } });
        return images.map(
          (image): ImageInfo => ({
            id: image.Id,
            // Engines before 25 put this where there is no name.
            tags: (image.RepoTags ?? []).filter((tag) => tag !== "<none>:<none>"),
            labels: image.Labels ?? {},
          }),
        );
      }),
    buildImage: (context, { onProgress, signal }) =>
      ask("build an image", async () => {
        // The client library pipes the context into its request, and hears of a failure there by itself.
        const stream = await docker.buildImage(context, {
          rm: true,
          forcerm: true,
          abortSignal: signal,
        });
        const imageId = await follow(stream, { onProgress, signal });
        if (imageId === undefined) throw new Error("the build ended without an image");
        return imageId;
      }),
    tagImage: (id, name, tag) =>
      ask(`name image ${name}:${tag}`, async () => {
        await docker.getImage(id).tag({ repo: name, tag, ...limited() });
      }),
    pullImage: (name, options) =>
      ask(`pull image ${name}`, async () => {
        const request = { fromImage: name, abortSignal: options.signal };
        await follow(await docker.createImage(request), options);
      }),
    removeImage: (id) =>
      ask(`remove image ${id}`, async () => {
        await unlessMissing(() => docker.getImage(id).remove(limited() as object));
      }),
    runOnce: ({ image, entrypoint, labels, signal }) =>
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
          const ended: { StatusCode: number } = await container.wait({ abortSignal: signal } as object);
          const output = await readLogs(container, 20);
          return { exitCode: ended.StatusCode, output };
        } finally {
          await container.remove({ force: true, v: true, ...limited() });
        }
      }),
  } satisfies Partial<Engine>;
}

function containerRequests(docker: Docker, ask: Ask) {
  const container = (id: string) => docker.getContainer(id);
  return {
    listContainers: (filter) =>
      ask("list containers", async () => {
        const filters = filter === undefined ? {} : { filters: { label: [filter.label] } };
        const all = await docker.listContainers({ ...limited(), all: true, ...filters });
        return all.map(summarize);
      }),
    inspectContainer: (id) =>
      ask(`inspect container ${id}`, () =>
        unlessMissing(async () => {
          const info = await container(id).inspect(limited() as object);
          return { state: info.State.Status, exitCode: info.State.ExitCode, imageId: info.Image };
        }),
      ),
    putArchive: (id, archive, folder) =>
      ask(`put files into container ${id}`, async () => {
        await container(id).putArchive(archive, { path: folder, ...limited() });
      }),
    start: (id) =>
      ask(`start container ${id}`, async () => {
        await unlessStatus(304, () => container(id).start(limited() as object));
      }),
    stop: (id, graceMs) =>
      ask(`stop container ${id}`, () =>
        unlessStatus(304, () => container(id).stop({ t: Math.ceil(graceMs / 1000), ...limited(graceMs) })),
      ),
    kill: (id) =>
      ask(`kill container ${id}`, () => unlessStatus(409, () => container(id).kill(limited() as object))),
    pause: (id) =>
      ask(`pause container ${id}`, async () => {
        await container(id).pause(limited() as object);
      }),
    unpause: (id) =>
      ask(`resume container ${id}`, async () => {
        await container(id).unpause(limited() as object);
      }),
    removeContainer: (id) =>
      ask(`remove container ${id}`, async () => {
        await unlessMissing(() => container(id).remove({ force: true, v: true, ...limited() }));
      }),
    logs: (id, tailLines) => ask(`read the log of container ${id}`, () => readLogs(container(id), tailLines)),
    stats: (id) =>
      ask(`read the statistics of container ${id}`, async () => {
        const options = { stream: false as const, "one-shot": true, ...limited() };
        return parseStats(await container(id).stats(options));
      }),
    watchDeaths: (label, listener, signal) =>
      ask("follow its events", () => {
        const filters = JSON.stringify({ type: ["container"], event: ["die"], label: [label] });
        const open = async (since: string | undefined) => {
          const query = { filters, since, abortSignal: signal } as unknown as Docker.GetEventsOptions;
          return (await docker.getEvents(query)) as unknown as AsyncIterable<Buffer>;
        };
        return watchDeaths(open, listener, signal);
      }),
  } satisfies Partial<Engine>;
}

function resourceRequests(docker: Docker, ask: Ask) {
  return {
    listVolumes: (label) =>
      ask("list volumes", async () => {
        const { Volumes } = await docker.listVolumes({ ...limited(), filters: { label: [label] } });
        return (Volumes ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }));
      }),
    removeVolume: (name) =>
      ask(`remove volume ${name}`, async () => {
        await unlessMissing(() => docker.getVolume(name).remove(limited() as object));
      }),
    listNetworks: (label) =>
      ask("list networks", async () => {
        const networks = await docker.listNetworks({ ...limited(), filters: { label: [label] } });
        return networks.map((network) => ({
          id: network.Id,
          name: network.Name,
          labels: network.Labels ?? {},
        }));
      }),
    removeNetwork: (id) =>
      ask(`remove network ${id}`, async () => {
        await unlessMissing(() => docker.getNetwork(id).remove(limited() as object));
      }),
  } satisfies Partial<Engine>;
}

function summarize(info: Docker.ContainerInfo): ContainerSummary {
  const ports = info.Ports.filter((port) => port.Type === "tcp" && port.PublicPort > 0);
  return {
    id: info.Id,
    name: (info.Names[0] ?? info.Id).replace(/^\//, ""),
    image: info.Image,
    state: info.State,
    labels: info.Labels ?? {},
    ports: ports.map((port) => ({
      host: port.IP ?? "0.0.0.0",
      port: port.PublicPort,
      containerPort: port.PrivatePort,
    })),
  };
}

async function readLogs(container: Docker.Container, tailLines: number): Promise<string> {
  const output = await container.logs({
    stdout: true,
    stderr: true,
    follow: false,
    tail: tailLines,
    ...limited(),
  });
  return demultiplex(output);
}
