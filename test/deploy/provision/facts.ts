import type { DockerFacts, EngineFacts, HostFacts } from "../../../src/deploy/provision/survey/facts.ts";

export const runningEngine: EngineFacts = {
  access: { kind: "socket", path: "/var/run/docker.sock" },
  version: "24.0.7",
  storageDriver: "overlay2",
  rootless: false,
  publishedPorts: [],
};

export const readyDocker: DockerFacts = {
  clientPath: "/usr/bin/docker",
  podman: false,
  enginePath: "/usr/bin/dockerd",
  snap: false,
  engine: runningEngine,
  engineFailure: undefined,
};

export const noDocker: DockerFacts = {
  clientPath: undefined,
  podman: false,
  enginePath: undefined,
  snap: false,
  engine: undefined,
  engineFailure: undefined,
};

/** An Ubuntu host in a cloud, ready to be used. */
export const readyHost: HostFacts = {
  host: "host1",
  description: "ubuntu@10.0.1.11:22",
  kernelName: "Linux",
  kernelRelease: "6.8.0-45-generic",
  osId: "ubuntu",
  osIdLike: ["debian"],
  osName: "Ubuntu 24.04.1 LTS",
  architecture: "amd64",
  cpus: 4,
  cpuModel: "Intel(R) Xeon(R)",
  virtualization: "kvm",
  memoryTotalBytes: 8 * 1024 ** 3,
  memoryAvailableBytes: 7 * 1024 ** 3,
  dataDisk: { path: "/var/lib/docker", freeBytes: 20 * 1024 ** 3 },
  user: "ubuntu",
  sudo: "passwordless",
  init: "systemd",
  packageTool: "apt",
  docker: readyDocker,
  addresses: ["127.0.0.1", "10.0.1.11"],
  sshAddress: "10.0.1.11",
  listening: [{ port: 22, process: { pid: 812, name: "sshd" } }],
  clockSynchronized: true,
};
