import { describe, expect, test } from "vitest";
import type { HostFacts } from "../../../../src/deploy/provision/survey/facts.ts";
import { eventually } from "../../../support/processes.ts";
import {
  aptBody,
  changes,
  install,
  openBare,
  openUbuntu,
  osRelease,
  prepare,
  refresh,
  start,
} from "../bare-hosts.ts";
import { readyHost } from "../facts.ts";
import { sudoWithPasswordBody } from "../stand-in-docker.ts";
import type { StandInHost } from "../stand-in-host.ts";

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
    expect(steps[0]).toBe("wait-for-package-lock: cloud-init");
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
      /^Cannot prepare host1 \(this machine\): apt could not install docker\.io: E: Failed to fetch .*503 {2}Service Unavailable\. Check that/,
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
    // Long enough for it to say why, also where the cores are busy.
    await expect(prepare(standIn, { startMs: 1_000 })).rejects.toThrow(
      /service docker start: docker: unrecognized service; dockerd: no answer within 1 s: no-iptables\. /,
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
        /^Cannot prepare host1 \(this machine\): Docker is not installed, and sudo asks ubuntu for a password\. Let/,
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
