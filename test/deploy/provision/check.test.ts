import { describe, expect, test } from "vitest";
import { checkFacts, type HostNeeds, noteFacts } from "../../../src/deploy/provision/check.ts";
import type { DockerFacts, HostFacts } from "../../../src/deploy/provision/survey/facts.ts";
import { noDocker, readyDocker, readyHost, runningEngine } from "./facts.ts";

const needs: HostNeeds = {
  ports: [26_656, 26_657],
  diskBytes: 2 * 1024 ** 3,
  memoryBytes: 1024 ** 3,
};

interface Case {
  readonly facts?: Partial<HostFacts>;
  readonly docker?: Partial<DockerFacts>;
}

function check(given: Case): string[] {
  const facts = { ...readyHost, ...given.facts, docker: { ...readyDocker, ...given.docker } };
  return checkFacts(facts, needs).map(({ code, message }) => `${code} ${message}`);
}

const stopped: Partial<DockerFacts> = { engine: undefined, engineFailure: "Is the docker daemon running?" };

describe("a host is usable", () => {
  test.each<[string, Case]>([
    ["as it is", {}],
    ["where Docker can be installed", { docker: noDocker }],
    ["where Docker can be started", { docker: stopped }],
    ["where the engine is open to the user, whatever sudo says", { facts: { sudo: "password" } }],
    ["by root without sudo", { facts: { sudo: "root" }, docker: noDocker }],
    [
      "where a container of an earlier run of ours has the port",
      {
        facts: {
          listening: [{ port: 26_657, process: { pid: 9, name: "docker-proxy" } }],
        },
        docker: {
          engine: { ...runningEngine, publishedPorts: [{ port: 26_657, container: "n0", run: "r1" }] },
        },
      },
    ],
    [
      "where nothing is known of disk, memory and ports",
      {
        facts: {
          dataDisk: undefined,
          memoryAvailableBytes: undefined,
          listening: undefined,
        },
      },
    ],
    ["with the oldest Docker that we know", { docker: { engine: { ...runningEngine, version: "20.10.0" } } }],
    ["with a Docker built from source", { docker: { engine: { ...runningEngine, version: "master-abc" } } }],
  ])("%s", (_, given) => {
    expect(check(given)).toEqual([]);
  });
});

describe("a host is refused, with the remedy,", () => {
  test.each<[string, Case, RegExp]>([
    [
      "that does not run Linux",
      { facts: { kernelName: "FreeBSD" }, docker: noDocker },
      /^host-os host1 \(ubuntu@10\.0\.1\.11:22\): it runs FreeBSD\. Nodes run on Linux hosts only: use another host\.$/,
    ],
    [
      "where installing would need a password",
      { facts: { sudo: "password" }, docker: noDocker },
      /^host-sudo .*Docker is not installed, and sudo asks ubuntu for a password\. .*NOPASSWD/,
    ],
    [
      "where the engine is not open to the user and there is no sudo",
      { facts: { sudo: "missing" }, docker: { ...stopped, engineFailure: "permission denied" } },
      /^host-sudo .*no Docker engine answers: permission denied, and sudo is not installed\. /,
    ],
    [
      "whose packages we do not know",
      { facts: { packageTool: "none", osName: "Arch Linux" }, docker: noDocker },
      /^host-os .*Arch Linux has none of apt-get, dnf, yum and apk to install it with\. Install Docker by hand/,
    ],
    [
      "with an old Docker",
      { docker: { engine: { ...runningEngine, version: "19.03.8" } } },
      /^host-docker-old .*Docker 19\.03\.8 is older than 20\.10\. Upgrade it/,
    ],
    ["whose docker is Podman's", { docker: { podman: true } }, /^host-docker-podman .*Remove podman-docker/],
    [
      "without disk space",
      { facts: { dataDisk: { path: "/mnt/big disk", freeBytes: 700 * 1024 ** 2 } } },
      /^host-disk .*only 700 MiB are free in \/mnt\/big disk, but 2048 MiB are needed\. Free some space/,
    ],
    [
      "without memory",
      { facts: { memoryAvailableBytes: 100 * 1024 ** 2 } },
      /^host-memory .*only 100 MiB of memory are available, but 1024 MiB are needed\. /,
    ],
    [
      "where a program has the port",
      { facts: { listening: [{ port: 26_657, process: { pid: 9, name: "geth" } }] } },
      /^host-port .*port 26657 is taken by geth \(process 9\)\. Stop it, or use another host\.$/,
    ],
    [
      "where a program of another user has the port",
      { facts: { listening: [{ port: 26_656 }] } },
      /^host-port .*port 26656 is taken by another program\. /,
    ],
    [
      "where somebody else's container has the port",
      { docker: { engine: { ...runningEngine, publishedPorts: [{ port: 26_656, container: "geth" }] } } },
      /^host-port .*port 26656 is taken by the container geth\. /,
    ],
  ])("%s", (_, given, expected) => {
    expect(check(given)).toEqual([expect.stringMatching(expected)]);
  });

  test("for all that is wrong at once", () => {
    const facts = { memoryAvailableBytes: 0, sudo: "password" } as const;
    expect(check({ facts, docker: noDocker }).map((text) => text.split(" ")[0])).toEqual([
      "host-sudo",
      "host-memory",
    ]);
  });
});

describe("of a usable host it is said", () => {
  const note = (facts: Partial<HostFacts>) => noteFacts({ ...readyHost, ...facts });

  test("nothing, as a rule", () => {
    expect(note({})).toEqual([]);
    expect(note({ docker: noDocker, clockSynchronized: undefined })).toEqual([]);
  });

  test.each<[string, Partial<HostFacts>, RegExp]>([
    [
      "that Docker is a snap",
      { docker: { ...readyDocker, snap: true } },
      /^host1: Docker is a snap, .*snap refresh --hold/,
    ],
    [
      "that Docker runs without root",
      { docker: { ...readyDocker, engine: { ...runningEngine, rootless: true } } },
      /^host1: Docker runs without root; .*loginctl enable-linger/,
    ],
    [
      "that its clock is not kept right",
      { clockSynchronized: false },
      /^host1: its clock is not synchronized/,
    ],
  ])("%s", (_, facts, expected) => {
    expect(note(facts)).toEqual([expect.stringMatching(expected)]);
  });
});
