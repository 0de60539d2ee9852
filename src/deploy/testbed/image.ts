import { createHash } from "node:crypto";
import { BaleenError, describeError } from "../../core/errors.ts";
import { cacheLabel } from "../engine/ownership.ts";
import { packTar, textEntry } from "../images/tar.ts";
import { ensureBaseImage } from "./base-image.ts";
import type { TestbedTools } from "./docker-command.ts";

/** The user that a test host is entered as; it may do everything through sudo. */
export const hostUser = "ubuntu";
export const hostUserId = 1000;
const initPath = "/sbin/testhost-init";

const packages = ["ca-certificates", "iproute2", "iptables", "openssh-server", "procps", "sudo"];

/**
 * The first process of a test host: does what an ordinary machine's does for sshd and for an engine that is
 * installed, also one that was installed after the start. Everything that loses its parent becomes its child, and
 * bash takes the exit codes of those too.
 */
const init = `#!/bin/bash
stop() {
  local pid
  pid=$(cat /run/docker.pid 2>/dev/null)
  # The engine would wait for those that do not end by themselves. Left to die with this process, they would leave
  # their control groups behind.
  [ -n "$pid" ] && timeout 10 docker ps -q | xargs -r timeout 10 docker kill >/dev/null
  [ -n "$pid" ] && kill "$pid" 2>/dev/null
  for _ in $(seq 150); do
    [ -n "$pid" ] && [ -d "/proc/$pid" ] || break
    sleep 0.1
  done
  exit 0
}
trap stop TERM INT
mkdir -p /run/sshd
[ -x /etc/init.d/docker ] && service docker start
while true; do
  /usr/sbin/sshd -D -e &
  wait $!
  sleep 1 &
  wait $!
done
`;

/**
 * Read by Debian's start script of the engine, which raises limits: a container may not do that everywhere, and the
 * script would give up.
 */
const engineDefaults = "ulimit() { :; }\n";
/**
 * That script also mounts every group hierarchy (cgroup v1) that the kernel has and nobody uses yet, unless this file
 * speaks of them. The hierarchies are the kernel's: the engine outside would then find itself in some that it does not
 * see, and could tell no container's statistics any more.
 */
const fileSystems = "none /sys/fs/cgroup cgroup noauto 0 0\n";
/** So that an installation of the engine leaves those defaults alone instead of asking. */
const dpkgConfiguration = "force-confold\n";

/**
 * The image of a host that has sshd, sudo and what an installation from Debian has, and no key of any kind.
 *
 * @param base image of Debian bookworm
 * @param docker put an engine in
 * @returns files of the build's context by name, Dockerfile included
 */
function buildContext(base: string, docker: boolean): Readonly<Record<string, string>> {
  const install = [...packages, ...(docker ? ["docker.io"] : [])].join(" ");
  const dockerfile = [
    `FROM ${base}`,
    // First, so that what a build leaves when it is given up half-way bears it too.
    `LABEL ${cacheLabel}="testhost"`,
    "COPY engine-defaults /etc/default/docker",
    "COPY file-systems /etc/fstab",
    "COPY dpkg-configuration /etc/dpkg/dpkg.cfg.d/testhost",
    "RUN apt-get update" +
      ` && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${install}` +
      // Services start on installation, as on a machine; host keys are each host's own.
      " && rm -rf /var/lib/apt/lists/* /etc/ssh/ssh_host_* /usr/sbin/policy-rc.d",
    `RUN useradd --uid ${hostUserId} --create-home --shell /bin/bash --password '*' ${hostUser}` +
      ` && echo '${hostUser} ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/${hostUser}` +
      ` && chmod 0440 /etc/sudoers.d/${hostUser}` +
      (docker ? ` && usermod -aG docker ${hostUser}` : ""),
    `COPY init ${initPath}`,
    `RUN chmod 0755 ${initPath}`,
    `ENTRYPOINT ["${initPath}"]`,
    "",
  ].join("\n");
  return {
    Dockerfile: dockerfile,
    init,
    "engine-defaults": engineDefaults,
    "file-systems": fileSystems,
    "dpkg-configuration": dpkgConfiguration,
  };
}

const repository = "baleen/testhost";

/**
 * Ensures that the engine has the image of a test host, named by the hash of its recipe.
 *
 * @param request.docker with an engine inside
 * @returns its name, "baleen/testhost:0123456789abcdef"
 */
export async function ensureHostImage(request: TestbedTools & { readonly docker: boolean }): Promise<string> {
  const { engine, onStep, signal, docker } = request;
  const name = hostImageName({ docker });
  if ((await engine.inspectImage(name)) !== undefined) return name;
  const files = buildContext(await ensureBaseImage(request), docker);
  const context = Object.entries(files).map(([path, text]) => textEntry(path, text));
  onStep("building the image", name);
  const output: string[] = [];
  const work = { onProgress: (line: string) => output.push(line), signal };
  const tag = name.slice(repository.length + 1);
  const building = engine
    .buildImage(packTar(context), work)
    .then((id) => engine.tagImage(id, repository, tag));
  await building.catch((cause: unknown) => {
    signal.throwIfAborted();
    const tail = output.join("\n").trim().split("\n").slice(-5).join(" | ");
    const message =
      `Cannot build the image of a test host: ${describeError(cause)} (${tail}). ` +
      "It installs Debian packages: check the engine's network access.";
    throw new BaleenError("testbed", message, { cause });
  });
  return name;
}

/** Another recipe, another image. What it is built on is not part of the name: it is the same system from either source. */
export function hostImageName({ docker }: { readonly docker: boolean }): string {
  const recipe = JSON.stringify(buildContext("", docker));
  return `${repository}:${createHash("sha256").update(recipe).digest("hex").slice(0, 16)}`;
}
