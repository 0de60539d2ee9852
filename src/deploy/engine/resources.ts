/** What is asked of an engine about itself, and about volumes and networks. */

import { type Client, type Docker, limited, readInfo } from "./client.ts";
import { unlessMissing } from "./error.ts";
import type { EngineVersion, LabelFilter, Labels, NetworkInfo } from "./types.ts";

const probeTimeoutMs = 10_000;

export function resourceRequests({ requests: docker, ask, order }: Client) {
  // Its options are missing in the library's types only.
  const typed = docker as unknown as { version: (options: object) => Promise<Docker.DockerVersion> };
  return {
    version: () =>
      ask("report its version", async (): Promise<EngineVersion> => {
        const told = await typed.version({ abortSignal: AbortSignal.timeout(probeTimeoutMs) });
        return { version: told.Version, apiVersion: told.ApiVersion, os: told.Os, arch: told.Arch };
      }),
    info: () => ask("report its system information", () => readInfo(docker)),
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
        return (await docker.listNetworks({ ...limited(), ...filters })).map(
          (network): NetworkInfo => ({
            id: network.Id,
            name: network.Name,
            labels: network.Labels ?? {},
            subnets: (network.IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []),
          }),
        );
      }),
    removeNetwork: (id: string) =>
      order(`remove network ${id}`, () =>
        unlessMissing(() => docker.getNetwork(id).remove(limited() as object)),
      ),
  };
}
