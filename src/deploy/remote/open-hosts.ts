import { homedir, hostname, userInfo } from "node:os";
import type { NodeProgram } from "../../contracts/deployment.ts";
import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { RemoteParameters, SweepParameters } from "../../contracts/parameters.ts";
import { ConfigurationError, type Diagnostic } from "../../core/errors.ts";
import type { Environment, ProcessFacts } from "../../core/process/environment.ts";
import type { ChosenDeployer, HostCheckWatch, SweepContext, Watch } from "../chosen-deployer.ts";
import { findDocker } from "../docker/deployer.ts";
import { imageCacheOf } from "../leftover-files.ts";
import { resolveHosts } from "../ssh/config/resolve.ts";
import { connectHost, type SshOptions } from "../ssh/connect.ts";
import { defaultKnownHostsFiles } from "../ssh/keys/host-key.ts";
import { createRemoteDeployer } from "./deployer.ts";
import { openRemoteHosts } from "./hosts.ts";
import type { RemoteSessionOptions } from "./session.ts";
import type { ForeignImage } from "./sources.ts";

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
export function openRemoteBackend(access: RemoteAccess) {
  const { env, stateDir, clientProgram, nodeBinary } = access;
  const who = `${userInfo().username}@${hostname()}`;
  const session = (
    remote: RemoteParameters,
    hosts: readonly HostSpec[],
    { signal, ...watch }: Pick<SshOptions, "warn" | "signal" | "approveHostKey">,
  ): RemoteSessionOptions => {
    const { hostKeyPolicy, knownHostsFile } = remote;
    const ask = access.askPassphrase(signal);
    return {
      hosts,
      holder: `${who}, process ${access.pid}`,
      connect: (spec, abort) =>
        connectHost(spec, {
          ...watch,
          hostKeyPolicy,
          knownHostsFiles:
            knownHostsFile === undefined ? defaultKnownHostsFiles(homedir()) : [knownHostsFile],
          agentSocket: env.SSH_AUTH_SOCK || undefined,
          timeoutMs: remote.sshTimeoutSecs * 1000,
          passphrase: (keyFile) => ask(`Passphrase of ${keyFile}:`),
          signal: abort,
        }),
    };
  };
  const sessionFor = async (remote: RemoteParameters, { onStep, ...watch }: HostCheckWatch) => {
    const { hosts, diagnostics } = await resolveAll(remote);
    if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
    return session(remote, hosts, { ...watch, warn: (message) => onStep("warning", message) });
  };
  const chooseDeployer = async (
    { remote }: SweepParameters,
    { run, warn }: SweepContext,
    signal: AbortSignal,
  ): Promise<ChosenDeployer> => {
    if (remote === undefined) throw new TypeError("a remote sweep without hosts");
    const { hosts, diagnostics } = await resolveAll(remote);
    const image = await findForeignImage(remote, env, signal);
    if ("code" in image) return { diagnostics: [...diagnostics, image] };
    // Without any they were described wrongly, which was told.
    if (diagnostics.length > 0 || hosts.length === 0) return { diagnostics };
    const { clientPlacement: placement, cpus, memoryMiB, rpcVia } = remote;
    const deployer = createRemoteDeployer({
      ...session(remote, hosts, { warn, signal }),
      run,
      who,
      rpcVia,
      hostFlags: access.listHostFlags(remote),
      cpus,
      memoryBytes: memoryMiB === undefined ? undefined : memoryMiB * 1024 ** 2,
      image: image.image,
      clients: placement === "coordinator" ? undefined : { placement, program: clientProgram },
      nodeBinary,
      imageCacheFolder: imageCacheOf(stateDir),
      env,
    });
    return { deployer, diagnostics: [] };
  };
  const hosts = openRemoteHosts(sessionFor, access.newRunId);
  const probe = (remote: RemoteParameters, watch: Watch) =>
    hosts.probe(
      remote,
      {
        ...{ who, env, nodeBinary, hostFlags: access.listHostFlags(remote) },
        imageCacheFolder: imageCacheOf(stateDir),
      },
      watch,
    );
  return { hosts: { ...hosts, probe }, chooseDeployer };
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
