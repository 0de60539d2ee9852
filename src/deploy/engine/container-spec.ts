import type { Docker } from "./client.ts";
import type { ContainerSpec } from "./types.ts";

/** A container in the engine's terms. Pure. */
export function describeContainer(spec: ContainerSpec): Docker.ContainerCreateOptions {
  const ports = new Map<string, { HostIp: string; HostPort: string }[]>();
  for (const { hostAddress, hostPort, containerPort } of spec.ports) {
    const name = `${containerPort}/tcp`;
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
      Mounts: spec.volumes.map(({ name, path }) => ({
        Type: "volume",
        Source: name,
        Target: path,
        // One that is not there yet is made, and must bear them too, or it would never be removed.
        VolumeOptions: { NoCopy: false, Labels: { ...spec.labels }, DriverConfig: { Name: "", Options: {} } },
      })),
      // Whether a node runs again is for the benchmark to decide.
      RestartPolicy: { Name: "no" },
      CapDrop: ["ALL"],
      LogConfig:
        spec.driven === true
          ? { Type: "none", Config: {} }
          : { Type: "json-file", Config: { "max-size": "20m", "max-file": "2" } },
      ...(spec.cpus === undefined ? {} : { NanoCpus: Math.round(spec.cpus * 1e9) }),
      ...(spec.memoryBytes === undefined ? {} : { Memory: spec.memoryBytes }),
    },
  };
}
