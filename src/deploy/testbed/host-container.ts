import { connect } from "node:net";
import { until } from "../../core/async.ts";
import { BaleenError } from "../../core/errors.ts";
import { folderEntry, packTar, type TarEntry, textEntry } from "../images/tar.ts";
import type { KeyPair } from "../ssh/keys/ed25519.ts";
import { type DockerCommand, runDocker, type TestbedTools } from "./docker-command.ts";
import { hostUser, hostUserId } from "./image.ts";
import type { HostPlace } from "./layout.ts";

type HostTools = Omit<TestbedTools, "onStep">;

/**
 * What an engine inside a container needs, one by one: --privileged asks for every capability, which fails where the
 * outer engine itself lacks one.
 */
const capabilities = [
  ...["AUDIT_CONTROL", "AUDIT_WRITE", "BLOCK_SUSPEND", "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER"],
  ...["FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MKNOD", "NET_ADMIN"],
  ...["NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "SETGID", "SETFCAP", "SETPCAP", "SETUID", "SYS_ADMIN"],
  ...["SYS_BOOT", "SYS_CHROOT", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_TIME", "SYS_TTY_CONFIG"],
  "SYSLOG",
];

const securityOptions = [
  ...["seccomp=unconfined", "apparmor=unconfined", "label=disable"],
  // /proc/sys can be written, as on a machine.
  "systempaths=unconfined",
];

/** What all hosts of a testbed share. */
export interface HostMaterial {
  readonly image: string;
  readonly network: string;
  readonly labels: readonly string[];
  /** May enter as the hosts' user. */
  readonly authorizedKey: string;
}

/** Words of the command that creates a host's container. */
function buildCreateArgs(place: HostPlace, { image, network, labels }: HostMaterial): string[] {
  const each = (option: string, values: readonly string[]) => values.flatMap((value) => [option, value]);
  return [
    ...["create", "--name", place.name, "--hostname", place.name, "--network", network],
    ...each("--label", labels),
    ...each("--cap-add", capabilities),
    ...each("--security-opt", securityOptions),
    ...["--device-cgroup-rule", "a *:* rwm", "--cgroupns", "host"],
    ...["--volume", "/sys/fs/cgroup:/sys/fs/cgroup:rw", "--volume", `${place.volume}:/var/lib/docker`],
    // Empty after each start, as on a machine.
    ...["--tmpfs", "/run:exec,mode=755"],
    ...each(
      "--publish",
      place.published.map(({ firstPort, lastPort, firstHostPort }) => {
        const range = (from: number) =>
          firstPort === lastPort ? `${from}` : `${from}-${from + lastPort - firstPort}`;
        return `${place.address}:${range(firstPort)}:${range(firstHostPort)}`;
      }),
    ),
    image,
  ];
}

/** Makes a host and starts it; it may not answer yet. */
export async function startHost(
  place: HostPlace & { readonly hostKey: KeyPair },
  material: HostMaterial,
  { engine, ...command }: HostTools,
): Promise<void> {
  const labels = material.labels.flatMap((label) => ["--label", label]);
  await runDocker(`create volume ${place.volume}`, ["volume", "create", ...labels, place.volume], command);
  const { stdout } = await runDocker(`create host ${place.name}`, buildCreateArgs(place, material), command);
  const id = stdout.trim();
  await engine.putArchive(id, packTar(listKeyFiles(place.hostKey, material)), "/");
  await engine.start(id);
}

/** Made here, so that the host's key is known before it first answers. */
function listKeyFiles(hostKey: KeyPair, { authorizedKey }: HostMaterial): TarEntry[] {
  const home = `home/${hostUser}/.ssh`;
  return [
    textEntry("etc/ssh/ssh_host_ed25519_key", hostKey.privateKey, 0o600),
    textEntry("etc/ssh/ssh_host_ed25519_key.pub", `${hostKey.publicKey}\n`),
    { ...folderEntry(home), mode: 0o700, owner: hostUserId },
    { ...textEntry(`${home}/authorized_keys`, `${authorizedKey}\n`, 0o600), owner: hostUserId },
  ];
}

const readyMs = 90_000;
const everyMs = 100;
const bannerLimitMs = 5000;

/** What waits for a host: sshd at the published address, and the engine inside where there is one. */
export async function waitForHost(
  place: HostPlace,
  options: HostTools & { readonly docker: boolean },
): Promise<void> {
  const { engine, signal, docker } = options;
  let missing = "sshd does not answer";
  const probe = async () => {
    const container = await engine.inspectContainer(place.name);
    if (container?.state !== "running") {
      const logs = container === undefined ? "" : await engine.logs(place.name, 5);
      throw new BaleenError(
        "testbed",
        `Test host ${place.name} ended (${container?.state ?? "gone"}): ${logs.trim()}`,
      );
    }
    if (!(await greets(place.address, place.sshPort))) return undefined;
    missing = "the Docker engine in it does not answer";
    if (docker && !(await engineAnswers(place.name, options))) return undefined;
    return true;
  };
  const describe = () =>
    `Test host ${place.name} is not ready after ${readyMs / 1000} s: ${missing}. See: docker logs ${place.name}`;
  await until(probe, { timeoutMs: readyMs, everyMs, signal, describe });
}

/** A published port takes connections before anybody listens behind it, so only the server's first words count. */
async function greets(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  socket.setTimeout(bannerLimitMs, () => socket.destroy());
  let said = "";
  try {
    for await (const chunk of socket.setEncoding("latin1")) {
      said += chunk;
      if (said.length >= "SSH-2.0-".length) break;
    }
  } catch {
    // Nobody listens, or the connection was cut.
  }
  return said.startsWith("SSH-2.0-");
}

async function engineAnswers(name: string, { env, signal }: DockerCommand): Promise<boolean> {
  const args = ["exec", name, "docker", "version", "--format", "{{.Server.Version}}"];
  const { exitCode } = await runDocker(`query host ${name}`, args, { env, signal, allowFailure: true });
  return exitCode === 0;
}
