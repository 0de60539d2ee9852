import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import { clientProgram } from "../client/program.ts";
import type { RemoteParameters, SweepParameters } from "../config/parameters.ts";
import { listHostFlags } from "../config/remote.ts";
import type { HostSpec } from "../contracts/host.ts";
import type { HostLeftovers, HostRemoval, HostReport } from "../contracts/host-report.ts";
import { ConfigurationError, type Fault } from "../core/errors.ts";
import { findDocker } from "../network/docker.ts";
import { createRemoteDeployer, type ForeignImage } from "../network/remote.ts";
import {
  checkRemoteHosts,
  listHostLeftovers,
  openSeenHosts,
  prepareRemoteHosts,
  removeFromRemoteHosts,
} from "../network/remote-hosts.ts";
import type { RemoteSessionOptions } from "../network/remote-session.ts";
import { connectHost } from "../ssh/connect.ts";
import { defaultKnownHostsFiles } from "../ssh/host-key.ts";
import { resolveHosts } from "../ssh/resolve.ts";
import { openPrompt } from "./prompt.ts";
import type { ChosenDeployer, HostCheckWatch, HostsRoom, SweepOccasion } from "./rooms.ts";
import type { Environment } from "./sources.ts";

interface SessionTerms extends Pick<HostCheckWatch, "signal" | "approveHostKey"> {
  readonly warn: (message: string) => void;
}

export interface RemoteRoom {
  readonly hosts: HostsRoom;
  readonly chooseDeployer: (
    parameters: SweepParameters,
    occasion: SweepOccasion,
    signal: AbortSignal,
  ) => Promise<ChosenDeployer>;
}

/** Hosts over SSH, as this user reaches them. Touches nothing yet. */
export function openRemoteRoom({
  env,
  stateDir,
  newRunId,
}: {
  readonly env: Environment;
  readonly stateDir: string;
  readonly newRunId: () => string;
}): RemoteRoom {
  const who = `${userInfo().username}@${hostname()}`;
  const holder = `${who}, process ${process.pid}`;
  const session = (
    remote: RemoteParameters,
    hosts: readonly HostSpec[],
    { warn, signal, approveHostKey }: SessionTerms,
  ): RemoteSessionOptions => {
    const ask = openPrompt({ input: process.stdin, output: process.stderr, signal });
    // One function for all hosts: whoever asks it for a key's passphrase shares the answer with the others.
    const passphrase = (keyFile: string) => ask(`Passphrase of ${keyFile}:`);
    const connect: RemoteSessionOptions["connect"] = (spec, abort) =>
      connectHost(spec, {
        hostKeyPolicy: remote.hostKeyPolicy,
        approveHostKey,
        knownHostsFiles: knownHostsFiles(remote),
        agentSocket: env.SSH_AUTH_SOCK || undefined,
        timeoutMs: remote.sshTimeoutSecs * 1000,
        passphrase,
        warn,
        signal: abort,
      });
    return { hosts, connect, holder };
  };
  const sessionFor = async (remote: RemoteParameters, { onStep, ...watch }: HostCheckWatch) => {
    const { hosts, faults } = await resolveHosts(allHosts(remote), { home: homedir() });
    if (faults.length > 0) throw new ConfigurationError(faults);
    return session(remote, hosts, { ...watch, warn: (message) => onStep("warning", message) });
  };
  return {
    hosts: {
      check: async (remote, watch): Promise<readonly HostReport[]> =>
        checkRemoteHosts(await sessionFor(remote, watch), watch),
      prepare: async (remote, watch): Promise<readonly HostReport[]> =>
        prepareRemoteHosts(await sessionFor(remote, watch), newRunId(), watch),
      openNodes: async (remote, watch) => openSeenHosts(await sessionFor(remote, watch), watch.signal),
      leftovers: async (remote, watch): Promise<readonly HostLeftovers[]> =>
        listHostLeftovers(await sessionFor(remote, watch), watch),
      remove: async (remote, what, watch): Promise<readonly HostRemoval[]> =>
        removeFromRemoteHosts(await sessionFor(remote, watch), what, watch),
    },
    chooseDeployer: async ({ remote }, { run, warn }, signal) => {
      if (remote === undefined) throw new TypeError("a remote sweep without hosts");
      const { hosts, faults } = await resolveHosts(allHosts(remote), { home: homedir() });
      const image = await findForeignImage(remote, env, signal);
      if ("code" in image || faults.length > 0)
        return { faults: "code" in image ? [...faults, image] : faults };
      // They were described wrongly, which was told.
      if (hosts.length === 0) return { faults };
      const deployer = createRemoteDeployer({
        ...session(remote, hosts, { warn, signal }),
        run,
        who,
        rpcVia: remote.rpcVia,
        hostFlags: listHostFlags(remote),
        cpus: remote.cpus,
        memoryBytes: remote.memoryMiB === undefined ? undefined : remote.memoryMiB * 1024 ** 2,
        image: image.image,
        clients:
          remote.clientPlacement === "coordinator"
            ? undefined
            : { placement: remote.clientPlacement, program: clientProgram },
        nodeBinary: process.execPath,
        imageCacheFolder: join(stateDir, "images"),
        env,
      });
      return { deployer, faults: [] };
    },
  };
}

function allHosts({ hosts, clientHosts }: RemoteParameters) {
  return [...hosts, ...clientHosts];
}

function knownHostsFiles({ knownHostsFile }: RemoteParameters): readonly string[] {
  if (knownHostsFile !== undefined) return [knownHostsFile];
  return defaultKnownHostsFiles(homedir());
}

/** The image that was named, if any; one that the hosts do not fetch themselves is taken from the engine here. */
async function findForeignImage(
  { image: name, pull }: RemoteParameters,
  env: Environment,
  signal: AbortSignal,
): Promise<{ readonly image: ForeignImage | undefined } | Fault> {
  if (name === undefined) return { image: undefined };
  if (pull) return { image: { kind: "pull", name } };
  const found = await findDocker({ env, home: homedir(), signal });
  if (!found.available) {
    const reason = found.reason.replace(/,? or use --runtime process\.$/, ".");
    const message = `--image ${name}: it is taken from the Docker engine of this machine, unless --pull lets the hosts fetch it from its registry. ${reason}`;
    return { code: "image", message };
  }
  if ((await found.docker.engine.inspectImage(name)) === undefined) {
    const message = `--image ${name}: the Docker engine of this machine has no such image. Name one that docker images lists, or let the hosts fetch it from its registry: --pull.`;
    return { code: "image", message };
  }
  return { image: { kind: "engine", name, engine: found.docker.engine } };
}
