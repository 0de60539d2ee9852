import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { HostFacts } from "../../src/provision/facts.ts";
import { type PrepareOptions, prepareHost } from "../../src/provision/prepare.ts";
import { eventually } from "../support/processes.ts";
import { readyHost } from "./facts.ts";
import { dockerBody, openEngineSocket, sudoBody, sudoWithPasswordBody } from "./stand-in-docker.ts";
import { openStandInHost, type StandInHost } from "./stand-in-host.ts";

/** What a package manager does when it installs Docker. */
const putDocker = String.raw`
printf '#!/bin/sh\nprintf "%%s\\n" "docker $*" >> "$record"\n' > "$bin/docker"
cat "$state/docker" >> "$bin/docker"
printf '#!/bin/sh\necho dockerd >> "$record"\necho "level=info msg=up"\n: > "$state/engine"\n' > "$bin/dockerd"
chmod 755 "$bin/docker" "$bin/dockerd"`;

/** apt-get that fails as the files in its state say, each for as many times as it has lines. */
const aptBody = `
fails() {
  [ -s "$state/$1" ] || return 1
  sed 1d "$state/$1" > "$state/$1.rest"
  cat "$state/$1.rest" > "$state/$1"
}
case "$*" in
  *update) fails update && { echo 'E: Failed to fetch http://mirror/: Temporary failure resolving' >&2; exit 100; }; exit 0 ;;
esac
if fails waiting; then
  echo 'Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 77 (apt-get)...'
fi
if fails lock; then
  echo 'E: Could not get lock /var/cache/apt/archives/lock. It is held by process 1234 (unattended-upgr)' >&2
  echo 'E: Unable to lock directory /var/cache/apt/archives/' >&2
  exit 100
fi
if fails mirror; then echo 'E: Failed to fetch http://mirror/docker.io.deb  503  Service Unavailable' >&2; exit 100; fi
if [ -e "$state/interrupted" ]; then
  echo "E: dpkg was interrupted, you must manually run 'dpkg --configure -a' to correct the problem. " >&2
  exit 100
fi
if [ -e "$state/hang" ]; then : > "$state/hanging"; sleep 1000; fi
${putDocker}`;

const ids = `case "$1" in -u) echo 1000 ;; -un) echo ubuntu ;; -nG) echo ubuntu ;; esac`;
const osRelease = (id: string, like = "") => `ID=${id}\nID_LIKE="${like}"\nPRETTY_NAME="${id}"\n`;

/** A host of the user ubuntu, with sudo and nothing else. */
async function openBare(os: string, init: "systemd" | "openrc" | "none"): Promise<StandInHost> {
  const standIn = await openStandInHost({ user: "ubuntu" });
  await standIn.file("etc/os-release", os);
  if (init === "systemd") await standIn.file("run/systemd/system/keep", "");
  if (init === "openrc") await standIn.file("run/openrc/softlevel", "default");
  await standIn.file("var/log/keep", "");
  await standIn.command("id", ids);
  await standIn.command("sudo", sudoBody);
  await standIn.set("docker", dockerBody);
  return standIn;
}

async function openUbuntu(init: "systemd" | "none" = "systemd"): Promise<StandInHost> {
  const standIn = await openBare(osRelease("ubuntu", "debian"), init);
  await standIn.command("apt-get", aptBody);
  await standIn.command("dpkg", 'case "$*" in *--audit*) exit 0 ;; esac\nrm -f "$state/interrupted"');
  if (init === "systemd") await standIn.command("systemctl", ': > "$state/engine"');
  return standIn;
}

async function prepare(standIn: StandInHost, options: Partial<PrepareOptions> = {}) {
  const steps: string[] = [];
  const access = await prepareHost(standIn.host, {
    signal: new AbortController().signal,
    onStep: (step, detail) => steps.push(detail === undefined ? step : `${step}: ${detail}`),
    root: standIn.root,
    pauseMs: 5,
    ...options,
  });
  return { access, steps };
}

/** What was called that changes, or may change, something. */
async function changes(standIn: StandInHost): Promise<string[]> {
  const asked = /^(id|sudo|docker|sh) |--audit/;
  return (await standIn.calls()).filter((call) => !asked.test(call));
}

const refresh = "apt-get -q update";
const install = expect.stringMatching(
  /^apt-get install -q -y -o DPkg::Lock::Timeout=300 .*--force-confold --no-install-recommends docker\.io$/,
);
const start = "systemctl enable --now docker";

describe("a host that has a running engine", () => {
  test("is left as it is", async () => {
    await using standIn = await openUbuntu();
    await standIn.command("docker", dockerBody);
    await standIn.set("engine");
    const { access, steps } = await prepare(standIn);
    expect(access).toEqual({ kind: "sudo" });
    expect(steps).toEqual(["survey", "ready: Docker 24.0.7, by sudo"]);
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
      "survey",
      "refresh-packages: apt-get update",
      "install-docker: docker.io, by apt-get",
      "start-docker: systemctl enable --now docker",
      "wait-for-docker",
      "ready: Docker 24.0.7, by sudo",
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

describe("on the way to Docker", () => {
  test("the lock of the packages is waited for, and its holder named", async () => {
    await using standIn = await openUbuntu();
    await standIn.set("lock", "1\n2\n");
    const { steps } = await prepare(standIn);
    const waits = steps.filter((step) => step.startsWith("wait-for-package-lock"));
    expect(waits).toEqual(Array(2).fill("wait-for-package-lock: unattended-upgrades (process 1234)"));
    expect(await changes(standIn)).toEqual([refresh, install, refresh, install, refresh, install, start]);
  });

  test("whom apt-get itself waits for is named while it waits", async () => {
    await using standIn = await openUbuntu();
    await standIn.set("waiting", "1\n");
    expect((await prepare(standIn)).steps).toContain("wait-for-package-lock: apt-get (process 77)");
  });

  test("cloud-init may finish first", async () => {
    await using standIn = await openUbuntu();
    await standIn.command("cloud-init", `case "$*" in status) echo 'status: running' ;; esac`);
    const { steps } = await prepare(standIn);
    expect(steps[1]).toBe("wait-for-package-lock: cloud-init");
    const waited = ["cloud-init status", "cloud-init status --wait"];
    expect(await changes(standIn)).toEqual([...waited, refresh, install, start]);
  });

  test("a hiccup of a mirror is tried again once", async () => {
    await using standIn = await openUbuntu();
    await standIn.set("mirror", "1\n");
    await prepare(standIn);
    expect(await changes(standIn)).toEqual([refresh, install, refresh, install, start]);
  });

  test("a mirror that stays away is an error with the tool's last words", async () => {
    await using standIn = await openUbuntu();
    await standIn.set("mirror", "1\n2\n3\n");
    await expect(prepare(standIn)).rejects.toThrow(
      /^Cannot prepare host1 \(this machine\): apt could not install docker\.io: E: Failed to fetch .*503 {2}Service Unavailable\. See to/,
    );
    expect(await changes(standIn)).toEqual([refresh, install, refresh, install]);
  });

  test("an installation that was interrupted earlier is finished first", async () => {
    await using standIn = await openUbuntu();
    await standIn.set("interrupted");
    const { steps } = await prepare(standIn);
    expect(steps).toContain("repair-packages: an earlier installation was interrupted");
    const repair = "dpkg --force-confdef --force-confold --configure -a";
    expect(await changes(standIn)).toEqual([refresh, install, repair, refresh, install, start]);
  });

  test("an abort ends the tool, and leaves no package half configured", async () => {
    await using standIn = await openUbuntu();
    await standIn.set("hang");
    await standIn.command("dpkg", 'case "$*" in *--audit*) echo docker.io ;; esac');
    const enough = new AbortController();
    const prepared = prepare(standIn, { signal: enough.signal });
    const asked = prepared.catch((error: unknown) => error);
    await eventually("apt-get at work", () => standIn.get("hanging"));
    enough.abort(new Error("Ctrl-C"));
    expect(await asked).toEqual(new Error("Ctrl-C"));
    const repair = "dpkg --force-confdef --force-confold --configure -a";
    expect(await changes(standIn)).toEqual([refresh, install, repair]);
  });

  test("an engine that does not start is an error with the last lines of its log", async () => {
    await using standIn = await openUbuntu();
    await standIn.command("systemctl");
    await standIn.command("journalctl", "echo 'failed to start daemon: no space left on device'");
    await expect(prepare(standIn, { startMs: 50 })).rejects.toThrow(
      /its Docker engine does not start: systemctl enable --now docker: no answer within 0\.05 s: failed to start daemon: no space left on device\. Start it there/,
    );
  });

  test("an init that refuses is quoted, and so is an engine that fails by itself", async () => {
    await using standIn = await openUbuntu("none");
    await standIn.command("service", "echo 'docker: unrecognized service' >&2; exit 1");
    await standIn.command(
      "apt-get",
      `${aptBody}\nprintf '#!/bin/sh\\necho no-iptables; exit 1\\n' > "$bin/dockerd"`,
    );
    await expect(prepare(standIn, { startMs: 50 })).rejects.toThrow(
      /service docker start: docker: unrecognized service; dockerd: no answer within 0\.05 s: no-iptables\. /,
    );
  });
});

describe("nothing is tried", () => {
  const refused = async (standIn: StandInHost, facts?: HostFacts) => {
    const failure = await prepare(standIn, { facts }).catch((error: unknown) => error);
    expect(await changes(standIn)).toEqual([]);
    return failure;
  };

  test("where sudo wants a password", async () => {
    await using standIn = await openUbuntu();
    await standIn.command("sudo", sudoWithPasswordBody);
    expect(await refused(standIn)).toMatchObject({
      code: "host-sudo",
      host: "host1",
      message: expect.stringMatching(
        /^Cannot prepare host1 \(this machine\): Docker is not installed, and sudo wants a password of ubuntu\. Let/,
      ),
    });
  });

  test("where the packages are of a kind that we do not know", async () => {
    await using standIn = await openBare(osRelease("arch"), "systemd");
    expect(await refused(standIn)).toMatchObject({
      code: "host-os",
      message: expect.stringContaining("arch has none of apt-get, dnf, yum and apk"),
    });
  });

  test("where docker is Podman's", async () => {
    await using standIn = await openUbuntu();
    const facts = { ...readyHost, docker: { ...readyHost.docker, podman: true } };
    expect(await refused(standIn, facts)).toMatchObject({ code: "host-docker-podman" });
  });
});
