/** What is asked of an engine about containers. */
import { StringDecoder } from "node:string_decoder";
import { untilAborted } from "../../core/async.ts";
import { type Client, type Docker, readInfo } from "./client.ts";
import { formatTime, watchDeaths } from "./deaths.ts";
import { unlessMissing, unlessStatus } from "./error.ts";
import { FrameReader, isFramed, parseStats, readOutput } from "./streams.ts";
import type { ContainerDeath, ContainerSpec, FollowOptions, LabelFilter, Labels } from "./types.ts";

/** A process that the kernel is busy with cannot be frozen at that moment: it is tried a few times. */
async function freeze(pause: () => Promise<unknown>): Promise<unknown> {
  for (let left = 3; ; left--) {
    try {
      return await pause();
    } catch (error) {
      if (left === 1 || !String(error).includes("unable to freeze")) throw error;
    }
  }
}

export function containerRequests(client: Client) {
  const { requests: docker, streams, limited, ask, order } = client;
  const container = (id: string) => docker.getContainer(id);
  return {
    /**
     * Makes a container, not started: without capabilities, never restarted by the engine, its log bounded.
     *
     * @returns its id
     * @throws DockerError with reason "name-taken"; a port that is taken shows at its start ("port-taken")
     */
    createContainer: (spec: ContainerSpec) =>
      ask(`create container ${spec.name}`, async () => {
        return (await docker.createContainer({ ...describeContainer(spec), ...limited() })).id;
      }),
    /** Running or not. */
    listContainers: (filter?: { label: LabelFilter }) =>
      ask("list containers", async () => {
        const filters = filter === undefined ? {} : { filters: { label: [filter.label] } };
        const all = await docker.listContainers({ ...limited(), all: true, ...filters });
        return all.map(summarize);
      }),
    /** undefined where there is no such container. */
    inspectContainer: (id: string) =>
      ask(`inspect container ${id}`, () =>
        unlessMissing(async () => {
          const info = await container(id).inspect(limited() as object);
          // As in ContainerSummary.
          const { Status: state, ExitCode: exitCode, Pid: pid } = info.State;
          // The image by its "sha256:…"; the first process as the engine's machine numbers it, where it runs.
          return {
            ...{ state, exitCode, imageId: info.Image, pid: pid > 0 ? pid : undefined },
            ...readNetworks(info.NetworkSettings.Networks),
          };
        }),
      ),
    /** Unpacks a tar archive into a folder of a container, started or not. */
    putArchive: (id: string, archive: NodeJS.ReadableStream, folder: string) =>
      order(`put files into container ${id}`, () =>
        container(id).putArchive(archive, { path: folder, ...limited() }),
      ),
    start: (id: string) =>
      order(`start container ${id}`, () => unlessStatus(304, () => container(id).start(limited() as object))),
    /** Ends it gracefully, by force after `graceMs`; false where it did not run. */
    stop: (id: string, graceMs: number) =>
      ask(`stop container ${id}`, () =>
        unlessStatus(304, () => container(id).stop({ t: Math.ceil(graceMs / 1000), ...limited(graceMs) })),
      ),
    /** SIGKILL; false where it did not run. */
    kill: (id: string) =>
      ask(`kill container ${id}`, () => unlessStatus(409, () => container(id).kill(limited() as object))),
    pause: (id: string) =>
      order(`pause container ${id}`, () => freeze(() => container(id).pause(limited() as object))),
    unpause: (id: string) =>
      order(`resume container ${id}`, () => container(id).unpause(limited() as object)),
    /** By force, anonymous volumes too; content where it is gone already. */
    removeContainer: (id: string) =>
      order(`remove container ${id}`, () =>
        unlessMissing(() => container(id).remove({ force: true, v: true, ...limited() })),
      ),
    /** Both streams of its output in the order the engine has them. */
    logs: (id: string, tailLines: number) =>
      ask(`read the log of container ${id}`, () => readLogs(container(id), tailLines, limited())),
    /** The same, and what comes until its process ends: resolves then. Rejects on abort. */
    followLogs: (id: string, options: FollowOptions) =>
      ask(`follow the log of container ${id}`, () => followLogs(streams.getContainer(id), options)),
    /** undefined where it does not run. */
    stats: (id: string) =>
      ask(`read the statistics of container ${id}`, async () => {
        const options = { stream: false as const, "one-shot": true, ...limited() };
        return parseStats(await container(id).stats(options));
      }),
    /**
     * Tells of every container with that label whose process ends, from now on, until the signal aborts; survives a
     * lost connection. Resolves once it listens.
     */
    watchDeaths: (label: LabelFilter, listener: (death: ContainerDeath) => void, signal: AbortSignal) =>
      ask("stream its events", () => {
        const filters = JSON.stringify({ type: ["container"], event: ["die"], label: [label] });
        const open = async (since: string | undefined) => {
          const query = { filters, since, abortSignal: signal } as unknown as Docker.GetEventsOptions;
          const events = await untilAborted(streams.getEvents(query), limited().abortSignal);
          return events as unknown as AsyncIterable<Buffer>;
        };
        const timeNs = async () => (await readInfo(client)).timeNs;
        return watchDeaths({ open, timeNs }, listener, signal);
      }),
  };
}

function describeContainer(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const ports = new Map<string, { HostIp: string; HostPort: string }[]>();
  for (const { hostAddress, hostPort, containerPort, protocol = "tcp" } of spec.ports) {
    const name = `${containerPort}/${protocol}`;
    const published = { HostIp: hostAddress, HostPort: String(hostPort) };
    ports.set(name, [...(ports.get(name) ?? []), published]);
  }
  return {
    name: spec.name,
    Image: spec.image,
    ...(spec.entrypoint === undefined ? {} : { Entrypoint: [...spec.entrypoint] }),
    Cmd: [...spec.args],
    ...(spec.user === undefined ? {} : { User: spec.user }),
    ...(spec.driven === true ? { OpenStdin: true, StdinOnce: true, AttachStdin: true } : {}),
    Labels: { ...spec.labels },
    Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`),
    ExposedPorts: Object.fromEntries([...ports.keys()].map((name) => [name, {}])),
    HostConfig: {
      NetworkMode: spec.networkMode ?? "bridge",
      PortBindings: Object.fromEntries(ports),
      Mounts: listMounts(spec),
      // Whether a node runs again is for the benchmark to decide.
      RestartPolicy: { Name: "no" },
      CapDrop: ["ALL"],
      ...(spec.capabilities === undefined ? {} : { CapAdd: [...spec.capabilities] }),
      ...(spec.isUnconfined === true ? { SecurityOpt: ["apparmor=unconfined", "seccomp=unconfined"] } : {}),
      ...(spec.sysctls === undefined ? {} : { Sysctls: { ...spec.sysctls } }),
      ...(spec.sharesProcesses === true ? { PidMode: "host" } : {}),
      LogConfig:
        spec.driven === true
          ? { Type: "none", Config: {} }
          : { Type: "json-file", Config: { "max-size": "20m", "max-file": "2" } },
      ...(spec.cpus === undefined ? {} : { NanoCpus: Math.round(spec.cpus * 1e9) }),
      ...(spec.memoryBytes === undefined ? {} : { Memory: spec.memoryBytes }),
    },
  };
}

function listMounts({ volumes, labels, machineFolder }: ContainerSpec): Docker.MountSettings[] {
  const named = volumes.map(
    ({ name, path }): Docker.MountSettings => ({
      Type: "volume",
      Source: name,
      Target: path,
      // One that is not there yet is made, and must bear them too, or it would never be removed.
      VolumeOptions: { NoCopy: false, Labels: { ...labels }, DriverConfig: { Name: "", Options: {} } },
    }),
  );
  if (machineFolder === undefined) return named;
  return [
    ...named,
    { Type: "bind", Source: "/", Target: machineFolder, ReadOnly: true },
    // iptables wants to make its lock there. Engines before 25 leave what is mounted below writable.
    { Type: "tmpfs", Source: "", Target: `${machineFolder}/run` },
  ];
}

/** IPv4 addresses of a container that runs, and of the bridges that it is on. */
function readNetworks(networks: Readonly<Record<string, Docker.NetworkInfo>> | null | undefined) {
  const found = Object.values(networks ?? {});
  return {
    addresses: found.flatMap(({ IPAddress }) => IPAddress || []),
    gateways: found.flatMap(({ Gateway }) => Gateway || []),
  };
}

export type ContainerSummary = ReturnType<typeof summarize>;

function summarize(info: Docker.ContainerInfo) {
  const ports = info.Ports.filter((port) => port.Type === "tcp" && port.PublicPort > 0);
  const labels: Labels = info.Labels ?? {};
  return {
    id: info.Id,
    name: (info.Names[0] ?? info.Id).replace(/^\//, ""),
    image: info.Image,
    /** "created", "running", "paused", "restarting", "exited", "dead" */
    state: info.State,
    labels,
    /** By the engine's wall clock, milliseconds since 1970, to the second. */
    createdAtMs: info.Created * 1000,
    /** Those that are held now, "0.0.0.0" and "::" being all addresses; a container that does not run holds none. */
    ports: ports.map((port) => ({
      host: port.IP ?? "0.0.0.0",
      port: port.PublicPort,
      containerPort: port.PrivatePort,
    })),
  };
}

/** The last lines of its output, both streams. */
export async function readLogs(
  container: Docker.Container,
  tailLines: number,
  limit: ReturnType<Client["limited"]>,
): Promise<string> {
  const options = { stdout: true, stderr: true, follow: false as const, tail: tailLines, ...limit };
  return readOutput(await container.logs(options));
}

async function followLogs(
  container: Docker.Container,
  { tailLines, sinceNs, onText, signal }: FollowOptions,
): Promise<void> {
  const since = sinceNs && formatTime(sinceNs);
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
