/** What is asked of an engine about containers. */
import { StringDecoder } from "node:string_decoder";
import { askInfo, type EngineContext, limited } from "./ask.ts";
import type { Docker } from "./client.ts";
import { describeContainer } from "./container-spec.ts";
import { watchDeaths } from "./deaths.ts";
import { unlessMissing, unlessStatus } from "./error.ts";
import { demultiplex, FrameReader, isFramed, parseEngineInfo, parseStats } from "./streams.ts";
import type { ContainerSummary, Engine, FollowOptions } from "./types.ts";

export function containerRequests({ requests: docker, streams, ask }: EngineContext) {
  const container = (id: string) => docker.getContainer(id);
  return {
    createContainer: (spec) =>
      ask(`create container ${spec.name}`, async () => {
        return (await docker.createContainer({ ...describeContainer(spec), ...limited() })).id;
      }),
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
          const { Status: state, ExitCode: exitCode, Pid: pid } = info.State;
          return { state, exitCode, imageId: info.Image, ...(pid > 0 ? { pid } : {}) };
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
    followLogs: (id, options) =>
      ask(`follow the log of container ${id}`, () => followLogs(streams.getContainer(id), options)),
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
          return (await streams.getEvents(query)) as unknown as AsyncIterable<Buffer>;
        };
        const timeNs = async () => parseEngineInfo(await askInfo(docker)).timeNs;
        return watchDeaths({ open, timeNs }, listener, signal);
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
    createdAtMs: info.Created * 1000,
    ports: ports.map((port) => ({
      host: port.IP ?? "0.0.0.0",
      port: port.PublicPort,
      containerPort: port.PrivatePort,
    })),
  };
}

/** The last lines of its output, both streams. */
export async function readLogs(container: Docker.Container, tailLines: number): Promise<string> {
  const output = await container.logs({
    stdout: true,
    stderr: true,
    follow: false,
    tail: tailLines,
    ...limited(),
  });
  return demultiplex(output);
}

async function followLogs(
  container: Docker.Container,
  { tailLines, sinceNs, onText, signal }: FollowOptions,
): Promise<void> {
  const since = sinceNs && `${sinceNs / 1_000_000_000n}.${String(sinceNs % 1_000_000_000n).padStart(9, "0")}`;
  const options = { stdout: true, stderr: true, follow: true, tail: tailLines, since, abortSignal: signal };
  const output = (await container.logs(options as unknown as { follow: true })) as AsyncIterable<Buffer>;
  const decoders = { stdout: new StringDecoder("utf8"), stderr: new StringDecoder("utf8") };
  let frames: FrameReader | undefined;
  let begun = false;
  for await (const chunk of output) {
    if (!begun) frames = isFramed(chunk) ? new FrameReader() : undefined;
    begun = true;
    const pieces = frames?.push(chunk) ?? [{ stream: "stdout" as const, bytes: chunk }];
    for (const { stream, bytes } of pieces) onText(decoders[stream].write(bytes));
  }
}
