import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  changes,
  install,
  openBare,
  openUbuntu,
  osRelease,
  prepare,
  putDocker,
  refresh,
  start,
} from "./bare-hosts.ts";
import { readyHost } from "./facts.ts";
import { dockerBody, openEngineSocket } from "./stand-in-docker.ts";

describe("a host that has a running engine", () => {
  test("is left as it is", async () => {
    await using standIn = await openUbuntu();
    await standIn.command("docker", dockerBody);
    await standIn.set("engine");
    const { access, steps } = await prepare(standIn);
    expect(access).toEqual({ kind: "sudo" });
    expect(steps).toEqual(["ready: Docker 24.0.7, with sudo"]);
    expect(await changes(standIn)).toEqual([]);
  });

  test("is not even asked where the facts are at hand", async () => {
    await using standIn = await openUbuntu();
    const { access } = await prepare(standIn, { facts: readyHost });
    expect(access).toEqual({ kind: "socket", path: "/var/run/docker.sock" });
    expect(await standIn.calls()).toEqual([]);
  });
});

describe("a bare host gets Docker", () => {
  test("by apt-get and systemd, and nothing the second time", async () => {
    await using standIn = await openUbuntu();
    const { access, steps } = await prepare(standIn);
    expect(access).toEqual({ kind: "sudo" });
    expect(steps).toEqual([
      "refresh-packages: apt-get update",
      "install-docker: docker.io, by apt-get",
      "start-docker: systemctl enable --now docker",
      "wait-for-docker",
      "ready: Docker 24.0.7, with sudo",
    ]);
    const done = await changes(standIn);
    expect(done).toEqual([refresh, install, start]);
    await prepare(standIn);
    expect(await changes(standIn)).toEqual(done);
  });

  test("at a socket that is open to the user", async () => {
    await using standIn = await openUbuntu();
    await using _socket = await openEngineSocket(standIn);
    const path = join(standIn.root, "var/run/docker.sock");
    expect((await prepare(standIn)).access).toEqual({ kind: "socket", path });
  });

  test.each<[string, string, string, string[]]>([
    ["Fedora", osRelease("fedora"), "dnf", ["dnf install -y moby-engine", start]],
    ["Amazon Linux", osRelease("amzn", "fedora"), "dnf", ["dnf install -y docker", start]],
    ["Amazon Linux 2", osRelease("amzn", "centos rhel fedora"), "yum", ["yum install -y docker", start]],
    [
      "Rocky Linux, from Docker's repository",
      osRelease("rocky", "rhel centos fedora"),
      "dnf",
      ["dnf install -y docker-ce docker-ce-cli containerd.io", start],
    ],
  ])("on %s", async (_, os, tool, expected) => {
    await using standIn = await openBare(os, "systemd");
    await standIn.command(tool, putDocker);
    await standIn.command("systemctl", ': > "$state/engine"');
    await prepare(standIn);
    expect(await changes(standIn)).toEqual(expected);
  });

  test("on Alpine, with OpenRC", async () => {
    await using standIn = await openBare(osRelease("alpine"), "openrc");
    await standIn.command("apk", putDocker);
    await standIn.command("rc-service", ': > "$state/engine"');
    await prepare(standIn);
    expect(await changes(standIn)).toEqual([
      "apk add --update-cache --wait 300 docker",
      "rc-service docker start",
    ]);
  });

  test("directly where there is no init and the service's script does not start it", async () => {
    await using standIn = await openUbuntu("none");
    await standIn.command(
      "service",
      "echo 'ulimit: error setting limit (Operation not permitted)' >&2; exit 1",
    );
    const { steps } = await prepare(standIn);
    expect(await changes(standIn)).toEqual([refresh, install, "service docker start", "dockerd"]);
    expect(steps).toContain("start-docker: dockerd");
    const log = await readFile(join(standIn.root, "var/log/dockerd.log"), "utf8");
    expect(log).toContain("level=info msg=up");
  });

  test("that is a snap and does not run, by snap", async () => {
    await using standIn = await openUbuntu();
    await standIn.file("snap/bin/docker", `#!/bin/sh\n${dockerBody}`, 0o755);
    await standIn.command("snap", ': > "$state/engine"');
    await prepare(standIn);
    expect(await changes(standIn)).toEqual(["snap start docker"]);
  });
});
