import { type Client, connectClient, type Docker, probeTimeoutMs, readInfo } from "./client.ts";
import { containerRequests } from "./containers.ts";
import type { EngineAddress } from "./endpoint.ts";
import { unlessMissing } from "./error.ts";
import { processRequests } from "./exec.ts";
import { imageRequests } from "./images.ts";
import type { EngineVersion, LabelFilter, Labels } from "./types.ts";

/** A connection to one Docker engine. Every method rejects with a DockerError that says what and what to do. */
export type Engine = Awaited<ReturnType<typeof openEngine>>;

/**
 * Makes the connection to an engine.
 *
 * @throws DockerError where the certificates of a TLS engine cannot be read, or no engine listens on this machine; that
 *   of another one shows with the first question
 */
export async function openEngine(address: EngineAddress) {
  const client = await connectClient(address);
  return {
    description: client.description,
    remote: client.remote,
    /** Longest wait for an answer. */
    timeoutMs: client.answerMs,
    ...resourceRequests(client),
    ...imageRequests(client),
    ...containerRequests(client),
    ...processRequests(client),
  };
}

/** What is asked of an engine about itself, and about volumes and networks. */
function resourceRequests(client: Client) {
  const { requests: docker, limited, ask, order } = client;
  // Its options are missing in the library's types only.
  const typed = docker as unknown as { version: (options: object) => Promise<Docker.DockerVersion> };
  return {
    version: () =>
      ask("report its version", async (): Promise<EngineVersion> => {
        const told = await typed.version({ abortSignal: AbortSignal.timeout(probeTimeoutMs) });
        return { version: told.Version, apiVersion: told.ApiVersion, os: told.Os, arch: told.Arch };
      }),
    info: () => ask("report its system information", () => readInfo(client)),
    /** Content where there is one of that name already. */
    createVolume: (name: string, labels: Labels) =>
      order(`create volume ${name}`, () =>
        docker.createVolume({ Name: name, Labels: { ...labels }, ...limited() }),
      ),
    listVolumes: (label: LabelFilter) =>
      ask("list volumes", async () => {
        const { Volumes } = await docker.listVolumes({ ...limited(), filters: { label: [label] } });
        return (Volumes ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }));
      }),
    removeVolume: (name: string) =>
      order(`remove volume ${name}`, () =>
        unlessMissing(() => docker.getVolume(name).remove(limited() as object)),
      ),
    /** @param label default: all, those of others too */
    listNetworks: (label?: LabelFilter) =>
      ask("list networks", async () => {
        const filters = label === undefined ? {} : { filters: { label: [label] } };
        return (await docker.listNetworks({ ...limited(), ...filters })).map((network) => ({
          id: network.Id,
          name: network.Name,
          labels: network.Labels ?? {},
          /** "172.17.0.0/16"; none for the networks host and none. */
          subnets: (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
        }));
      }),
    removeNetwork: (id: string) =>
      order(`remove network ${id}`, () =>
        unlessMissing(() => docker.getNetwork(id).remove(limited() as object)),
      ),
  };
}
