import { expect } from "vitest";
import { type PrepareOptions, prepareHost } from "../../../src/deploy/provision/prepare.ts";
import type { HostFacts } from "../../../src/deploy/provision/survey/facts.ts";
import { surveyHost } from "../../../src/deploy/provision/survey/survey.ts";
import { dockerBody, sudoBody } from "./stand-in-docker.ts";
import { openStandInHost, type StandInHost } from "./stand-in-host.ts";

/** What a package manager does when it installs Docker. */
export const putDocker = String.raw`
printf '#!/bin/sh\nprintf "%%s\\036" "docker $*" >> "$record"\n' > "$bin/docker"
cat "$state/docker" >> "$bin/docker"
printf '#!/bin/sh\nprintf "dockerd\\036" >> "$record"\necho "level=info msg=up"\n: > "$state/engine"\n' > "$bin/dockerd"
chmod 755 "$bin/docker" "$bin/dockerd"`;

/** apt-get that fails as the files in its state say, each for as many times as it has lines. */
export const aptBody = `
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
export const osRelease = (id: string, like = "") => `ID=${id}\nID_LIKE="${like}"\nPRETTY_NAME="${id}"\n`;

/** A host of the user ubuntu, with sudo and nothing else. */
export async function openBare(os: string, init: "systemd" | "openrc" | "none"): Promise<StandInHost> {
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

export async function openUbuntu(init: "systemd" | "none" = "systemd"): Promise<StandInHost> {
  const standIn = await openBare(osRelease("ubuntu", "debian"), init);
  await standIn.command("apt-get", aptBody);
  await standIn.command("dpkg", 'case "$*" in *--audit*) exit 0 ;; esac\nrm -f "$state/interrupted"');
  if (init === "systemd") await standIn.command("systemctl", ': > "$state/engine"');
  return standIn;
}

export async function prepare(
  { host, root }: StandInHost,
  { facts, ...options }: Partial<PrepareOptions> & { readonly facts?: HostFacts | undefined } = {},
) {
  const steps: string[] = [];
  const { signal } = new AbortController();
  const found = facts ?? (await surveyHost(host, { signal, root }));
  const { access } = await prepareHost(host, found, {
    signal,
    onStep: (step, detail) => steps.push(detail === undefined ? step : `${step}: ${detail}`),
    root,
    pauseMs: 5,
    ...options,
  });
  return { access, steps };
}

/** What was called that changes, or may change, something. */
export async function changes(standIn: StandInHost): Promise<string[]> {
  const asked = /^(id|sudo|docker|sh) |--audit/;
  return (await standIn.calls()).filter((call) => !asked.test(call));
}

/** What bringing Docker to Ubuntu calls, in order. */
export const refresh = "apt-get -q update";
export const install = expect.stringMatching(
  /^apt-get install -q -y -o DPkg::Lock::Timeout=300 .*--force-confold --no-install-recommends docker\.io$/,
);
export const start = "systemctl enable --now docker";
