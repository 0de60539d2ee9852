import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { surveyHost } from "../../../../src/deploy/provision/survey/survey.ts";
import { dockerBody, openEngineSocket, sudoBody, sudoWithPasswordBody } from "../stand-in-docker.ts";
import { findOnPath, openStandInHost, type StandInHost } from "../stand-in-host.ts";

const { signal } = new AbortController();

/** Shells that answer to `sh` on hosts; those that this machine does not have are named as skipped. */
const shells = [
  ["dash", findOnPath("dash")],
  ["bash", findOnPath("bash")],
  ["busybox ash", withWord(findOnPath("busybox"), "ash")],
] as const;

function withWord(path: string | undefined, word: string): string | undefined {
  return path === undefined ? undefined : `${path} ${word}`;
}

const osRelease = `PRETTY_NAME="Ubuntu 24.04.1 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
ID=ubuntu
ID_LIKE=debian
`;

function survey({ host, root }: StandInHost) {
  return surveyHost(host, { signal, root });
}

async function openUbuntu(sudo: string | undefined): Promise<StandInHost> {
  const standIn = await openStandInHost({ user: "ubuntu" });
  await standIn.file("etc/os-release", osRelease);
  await standIn.file("run/systemd/system/keep", "");
  await standIn.command(
    "id",
    `case "$1" in -u) echo 1000 ;; -un) echo ubuntu ;; -nG) echo 'ubuntu adm sudo' ;; esac`,
  );
  if (sudo !== undefined) await standIn.command("sudo", sudo);
  await standIn.command("apt-get");
  return standIn;
}

describe("a look at a host", () => {
  describe.each(shells)("by %s", (name, start) => {
    test.skipIf(start === undefined)(`needs ${name}`, async () => {
      await using standIn = await openUbuntu(sudoBody);
      await standIn.remove("sh");
      await standIn.command("sh", `exec ${start} "$@"`);
      await standIn.command("docker", dockerBody);
      await standIn.set("engine");
      await using _socket = await openEngineSocket(standIn);
      // Some builds of busybox use their own `id`, so the user may be this one.
      const facts = await survey(standIn);
      expect(facts).toMatchObject({ osId: "ubuntu", packageTool: "apt", init: "systemd" });
      expect(facts.docker.engine).toMatchObject({ version: "24.0.7", storageDriver: "overlay2" });
      expect(facts.dataDisk?.freeBytes).toBeGreaterThan(0);
    });
  });

  test("sees a bare Ubuntu with passwordless sudo", async () => {
    await using standIn = await openUbuntu(sudoBody);
    const facts = await survey(standIn);
    expect(facts).toMatchObject({
      host: "host1",
      description: "this machine",
      kernelName: "Linux",
      osId: "ubuntu",
      osIdLike: ["debian"],
      osName: "Ubuntu 24.04.1 LTS",
      user: "ubuntu",
      sudo: "passwordless",
      init: "systemd",
      packageTool: "apt",
      docker: { clientPath: undefined, engine: undefined, snap: false },
    });
  });

  test("changes nothing: no command but questions is called", async () => {
    await using standIn = await openUbuntu(sudoBody);
    await standIn.command("docker", dockerBody);
    await survey(standIn);
    const asked =
      /^(id|sudo -n (true|ls|sh|df|docker)|docker (--version|version|context inspect)|sudo -n docker version)/;
    expect((await standIn.calls()).filter((call) => !asked.test(call))).toEqual([]);
  });

  test("tells sudo that wants a password from none", async () => {
    await using wanting = await openUbuntu(sudoWithPasswordBody);
    expect((await survey(wanting)).sudo).toBe("password");
    await using without = await openUbuntu(undefined);
    expect((await survey(without)).sudo).toBe("missing");
  });

  test("finds an engine whose socket is open to the user", async () => {
    await using standIn = await openUbuntu(sudoBody);
    await standIn.command("docker", dockerBody);
    await standIn.set("engine");
    await using _socket = await openEngineSocket(standIn);
    const { docker } = await survey(standIn);
    expect(docker).toMatchObject({ snap: false, podman: false });
    expect(docker.engine).toEqual({
      access: { kind: "socket", path: join(standIn.root, "var/run/docker.sock") },
      version: "24.0.7",
      storageDriver: "overlay2",
      rootless: false,
      publishedPorts: [
        { port: 80, container: "web" },
        { port: 26656, container: "node-0", run: "r1" },
        { port: 26657, container: "node-0", run: "r1" },
      ],
    });
  });

  test("finds an engine that only root may use", async () => {
    await using standIn = await openUbuntu(sudoBody);
    await standIn.command("docker", dockerBody);
    await standIn.set("engine");
    expect((await survey(standIn)).docker.engine?.access).toEqual({ kind: "sudo" });
  });

  test("says in Docker's own words why no engine answers", async () => {
    await using standIn = await openUbuntu(sudoBody);
    await standIn.command("docker", dockerBody);
    const { docker } = await survey(standIn);
    expect(docker.engine).toBeUndefined();
    expect(docker.engineFailure).toMatch(/^Cannot connect to the Docker daemon/);
  });

  test("knows a Docker that is a snap by its path", async () => {
    await using standIn = await openUbuntu(sudoBody);
    // Not on the PATH of a login without a terminal: the survey looks there of its own accord.
    await standIn.file("snap/bin/docker", `#!/bin/sh\n${dockerBody}`, 0o755);
    const { docker, dataDisk } = await survey(standIn);
    expect(docker.snap).toBe(true);
    expect(dataDisk?.path).toBe("/var/snap/docker/common/var-lib-docker");
  });

  test("reads where Docker keeps its images from its configuration when it does not run", async () => {
    await using standIn = await openUbuntu(sudoBody);
    await standIn.file("etc/docker/daemon.json", '{\n  "data-root": "/mnt/big disk"\n}\n');
    expect((await survey(standIn)).dataDisk).toMatchObject({ path: "/mnt/big disk" });
  });

  test("refuses a host without a POSIX shell, by name", async () => {
    await using standIn = await openStandInHost({ user: "root" });
    await standIn.command("sh", "echo 'This account is not available.' >&2; exit 1");
    await expect(survey(standIn)).rejects.toThrow(
      /Cannot inspect host1 \(this machine\): This account is not available\./,
    );
  });
});
