import { homedir, hostname, userInfo } from "node:os";
import { join } from "node:path";
import type { NodeProgram } from "../../contracts/deployment.ts";
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { RemoteParameters, SweepParameters } from "../../contracts/parameters.ts";
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import type { Environment, ProcessFacts } from "../../core/process/environment.ts";
import type { ChosenDeployer, HostCheckWatch, RemoteHosts, SweepContext } from "../deployers.ts";
import { findDocker } from "../docker/deployer.ts";
import { resolveHosts } from "../ssh/config/resolve.ts";
import { connectHost } from "../ssh/connect.ts";
import { defaultKnownHostsFiles } from "../ssh/keys/host-key.ts";
import { createRemoteDeployer } from "./deployer.ts";
import {
  checkRemoteHosts,
  listHostLeftovers,
  openSeenHosts,
  prepareRemoteHosts,
  removeFromRemoteHosts,
} from "./hosts.ts";
import type { RemoteSessionOptions } from "./session.ts";
import type { ForeignImage } from "./sources.ts";

interface SessionOptions extends Pick<HostCheckWatch, "signal" | "approveHostKey"> {
  readonly warn: (message: string) => void;
}

interface RemoteBackend {
  readonly hosts: RemoteHosts;
  readonly chooseDeployer: (
    parameters: SweepParameters,
    occasion: SweepContext,
    signal: AbortSignal,
  ) => Promise<ChosenDeployer>;
}

/** Opens the way to ask for passphrases of keys; undefined is answered where nobody is there to ask. */
export type AskPassphrase = (signal: AbortSignal) => (question: string) => Promise<string | undefined>;

interface RemoteAccess extends Pick<ProcessFacts, "env" | "pid" | "nodeBinary"> {
  readonly stateDir: string;
  readonly askPassphrase: AskPassphrase;
  readonly newRunId: () => string;
  readonly clientProgram: NodeProgram;
  /** Flags that lead another command to the same hosts. */
  readonly listHostFlags: (remote: RemoteParameters) => readonly string[];
}

/** Hosts over SSH, as this user reaches them. Touches nothing yet. */
export function openRemoteBackend(access: RemoteAccess): RemoteBackend {
  const { env, stateDir, newRunId, clientProgram, nodeBinary } = access;
  const who = `${userInfo().username}@${hostname()}`;
  const holder = `${who}, process ${access.pid}`;
  const session = (
    remote: RemoteParameters,
    hosts: readonly HostSpec[],
    { warn, signal, approveHostKey }: SessionOptions,
  ): RemoteSessionOptions => {
    const ask = access.askPassphrase(signal);
    const connect: RemoteSessionOptions["connect"] = (spec, abort) =>
      connectHost(spec, {
        hostKeyPolicy: remote.hostKeyPolicy,
        approveHostKey,
        knownHostsFiles:
          remote.knownHostsFile === undefined ? defaultKnownHostsFiles(homedir()) : [remote.knownHostsFile],
        agentSocket: env.SSH_AUTH_SOCK || undefined,
        timeoutMs: remote.sshTimeoutSecs * 1000,
        passphrase: (keyFile) => ask(`Passphrase of ${keyFile}:`),
        warn,
        signal: abort,
      });
    return { hosts, connect, holder };
  };
  const sessionFor = async (remote: RemoteParameters, { onStep, ...watch }: HostCheckWatch) => {
    const { hosts, diagnostics } = await resolveAll(remote);
    if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
    return session(remote, hosts, { ...watch, warn: (message) => onStep("warning", message) });
  };
  return {
    hosts: {
      check: async (remote, watch) => checkRemoteHosts(await sessionFor(remote, watch), watch),
      prepare: async (remote, watch) =>
        prepareRemoteHosts(await sessionFor(remote, watch), newRunId(), watch),
      openNodes: async (remote, watch) => openSeenHosts(await sessionFor(remote, watch), watch.signal),
      leftovers: async (remote, watch) => listHostLeftovers(await sessionFor(remote, watch), watch),
      remove: async (remote, what, watch) =>
        removeFromRemoteHosts(await sessionFor(remote, watch), what, watch),
    },
    chooseDeployer: async ({ remote }, { run, warn }, signal) => {
      if (remote === undefined) throw new TypeError("a remote sweep without hosts");
      const { hosts, diagnostics } = await resolveAll(remote);
      const image = await findForeignImage(remote, env, signal);
      if ("code" in image) return { diagnostics: [...diagnostics, image] };
      // Without any they were described wrongly, which was told.
      if (diagnostics.length > 0 || hosts.length === 0) return { diagnostics };
      const deployer = createRemoteDeployer({
        ...session(remote, hosts, { warn, signal }),
        run,
        who,
        rpcVia: remote.rpcVia,
        hostFlags: access.listHostFlags(remote),
        cpus: remote.cpus,
        memoryBytes: remote.memoryMiB === undefined ? undefined : remote.memoryMiB * 1024 ** 2,
        image: image.image,
        clients:
          remote.clientPlacement === "coordinator"
            ? undefined
            : { placement: remote.clientPlacement, program: clientProgram },
        nodeBinary,
        imageCacheFolder: join(stateDir, "images"),
        env,
      });
      return { deployer, diagnostics: [] };
    },
  };
}

function resolveAll({ hosts, clientHosts }: RemoteParameters) {
  return resolveHosts([...hosts, ...clientHosts], { home: homedir() });
}

/** The image that was named, if any; one that the hosts do not fetch themselves is taken from the engine here. */
async function findForeignImage(
  { image: name, pull }: RemoteParameters,
  env: Environment,
  signal: AbortSignal,
): Promise<{ readonly image: ForeignImage | undefined } | Diagnostic> {
  if (name === undefined) return { image: undefined };
  if (pull) return { image: { kind: "pull", name } };
  const found = await findDocker({ env, home: homedir(), signal });
  if (!found.available) {
    const reason = found.reason.replace(/,? or use --runtime process\.$/, ".");
    const message = `--image ${name}: the image comes from the Docker engine of this machine, unless --pull lets the hosts fetch it from its registry. ${reason}`;
    return { code: "image", message };
  }
  const { engine } = found.docker;
  if ((await engine.inspectImage(name)) !== undefined) return { image: { kind: "engine", name, engine } };
  const message = `--image ${name}: the Docker engine of this machine has no such image. Name one that docker images lists, or let the hosts fetch it from its registry: --pull.`;
  return { code: "image", message };
}
