/** What is asked of an engine about itself, and about volumes and networks. */

import { askInfo, type EngineContext, limited } from "./ask.ts";
import type { Docker } from "./client.ts";
import { unlessMissing } from "./error.ts";
import { parseEngineInfo } from "./streams.ts";
import type { Engine, NetworkInfo } from "./types.ts";

const probeTimeoutMs = 10_000;

export function engineRequests({ requests: docker, ask }: EngineContext) {
  // Its options are missing in the library's types only.
  const typed = docker as unknown as { version: (options: object) => Promise<Docker.DockerVersion> };
  return {
    version: () =>
      ask("tell its version", async () => {
        const reported = await typed.version({ abortSignal: AbortSignal.timeout(probeTimeoutMs) });
        return {
          version: reported.Version,
          apiVersion: reported.ApiVersion,
          os: reported.Os,
          arch: reported.Arch,
        };
      }),
    info: () => ask("tell what it is", async () => parseEngineInfo(await askInfo(docker))),
  } satisfies Partial<Engine>;
}

export function resourceRequests({ requests: docker, ask }: EngineContext) {
  const listNetworks = async (filters: object): Promise<NetworkInfo[]> => {
    const networks = await docker.listNetworks({ ...limited(), ...filters });
    return networks.map((network) => ({
      id: network.Id,
      name: network.Name,
      labels: network.Labels ?? {},
      subnets: (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Subnet])),
    }));
  };
  return {
    createVolume: (name, labels) =>
      ask(`create volume ${name}`, async () => {
        await docker.createVolume({ Name: name, Labels: { ...labels }, ...limited() });
      }),
    listVolumes: (label) =>
      ask("list volumes", async () => {
        const { Volumes } = await docker.listVolumes({ ...limited(), filters: { label: [label] } });
        return (Volumes ?? []).map((volume) => ({ name: volume.Name, labels: volume.Labels ?? {} }));
      }),
    removeVolume: (name) =>
      ask(`remove volume ${name}`, async () => {
        await unlessMissing(() => docker.getVolume(name).remove(limited() as object));
      }),
    listNetworks: (label) => ask("list networks", () => listNetworks({ filters: { label: [label] } })),
    listAllNetworks: () => ask("list networks", () => listNetworks({})),
    removeNetwork: (id) =>
      ask(`remove network ${id}`, async () => {
        await unlessMissing(() => docker.getNetwork(id).remove(limited() as object));
      }),
  } satisfies Partial<Engine>;
}
