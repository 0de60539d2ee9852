import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { mapBounded } from "../../core/async.ts";
import { ConfigurationError, type Diagnostic, describeError } from "../../core/errors.ts";
import type { Engine } from "../engine/types.ts";
import { generateKeyPair, type KeyPair } from "../ssh/keys/ed25519.ts";
import { type FindPortHolder, findConflicts, findHostsFileDiagnostics, isListenedOn } from "./conflicts.ts";
import { type DockerCommand, type Environment, runDocker, TestbedError } from "./docker-command.ts";
import { type HostMaterial, startHost } from "./host-container.ts";
import { formatHostsFile, formatKnownHosts, type TestHost } from "./hosts-file.ts";
import { ensureHostImage } from "./image.ts";
import {
  type Addressing,
  type HostPlace,
  mostHosts,
  ownerLabel,
  placeHosts,
  testbedId,
  testbedLabel,
} from "./layout.ts";
import { waitForHost } from "./ready.ts";
import { hostUser } from "./recipe.ts";
import { removeTestbed } from "./removal.ts";
import {
  listStateFiles,
  lockTestbed,
  removeState,
  type StateFiles,
  writeHostsFile,
  writeWhole,
} from "./state.ts";

export interface TestbedOptions {
  readonly engine: Engine;
  /** For the docker command, which must lead it to the same engine. */
  readonly env: Environment;
  /** Folder of the testbed's own, for keys and known hosts; names the testbed: a folder has one. */
  readonly stateDir: string;
  readonly onStep: (step: string, detail?: string) => void;
  readonly signal: AbortSignal;
}

export interface TestbedUpOptions extends TestbedOptions {
  /** Hosts, 1 to 16. */
  readonly count: number;
  /** With an engine in each; without, a host has sshd and sudo and no more. */
  readonly docker: boolean;
  /** Is written when all hosts answer; replaces only what `up` has written. */
  readonly hostsFile: string;
  /** Begins the names of containers and network. Default "baleen-testbed". */
  readonly name?: string | undefined;
  readonly addressing: Addressing;
  readonly findPortHolder: FindPortHolder;
}

export interface TestbedReport {
  readonly hosts: readonly TestHost[];
  readonly hostsFile: string;
  readonly knownHostsFile: string;
  readonly image: string;
  /** Test hosts from before that were replaced. */
  readonly replaced: number;
}

const startsAtOnce = 4;
const cleanupMs = 90_000;
const standardSshPort = 22;
/** Where this machine's own sshd listens on all addresses, as most do. */
const otherSshPort = 2222;

/**
 * How test hosts are reached from here: each at a loopback address of its own on Linux, else each at a port.
 *
 * @param platform as node:os says it
 */
export async function chooseAddressing(platform: string, prefix = "127.0.1"): Promise<Addressing> {
  if (platform !== "linux") return { kind: "port-each", address: "127.0.0.1", firstPort: otherSshPort };
  // An address that no test host has: only who listens on all of them answers there.
  const everywhere = await isListenedOn({ host: `${prefix}.254`, port: standardSshPort });
  const sshPort = everywhere ? otherSshPort : standardSshPort;
  return { kind: "address-each", prefix, nodePorts: true, sshPort };
}

/**
 * Brings up test hosts: containers that look like machines with sshd and sudo, to be reached over SSH with a key of
 * the testbed's own. Those from before are replaced.
 *
 * @throws ConfigurationError where names, ports or the hosts file are somebody else's: then nothing has changed;
 * TestbedError, DockerError, TimeoutError and the signal's reason after all that was made is removed again
 */
export async function testbedUp(options: TestbedUpOptions): Promise<TestbedReport> {
  const { engine, stateDir, count, onStep } = options;
  const name = options.name ?? "baleen-testbed";
  const id = testbedId(resolve(stateDir));
  const places = placeHosts(count, name, options.addressing);
  await using _lock = await lockTestbed(resolve(stateDir), "baleen testbed up");
  const diagnostics = [
    ...checkCount(count),
    ...(await findHostsFileDiagnostics(resolve(options.hostsFile))),
    ...(await findConflicts(places, { engine, id, findPortHolder: options.findPortHolder })),
  ];
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const image = await ensureHostImage(options);
  const files = listStateFiles(resolve(stateDir));
  const replaced = await removeFormer(options, { id, files });
  try {
    onStep("starting the hosts", places.map((place) => place.name).join(", "));
    const hosts = await startHosts({ ...options, name, id, image, files, places });
    const text = formatHostsFile(hosts, {
      knownHostsFile: files.knownHostsFile,
      nodePorts: options.addressing.kind === "address-each" && options.addressing.nodePorts,
    });
    await writeHostsFile(files, options.hostsFile, text);
    return {
      hosts,
      hostsFile: resolve(options.hostsFile),
      knownHostsFile: files.knownHostsFile,
      image,
      replaced,
    };
  } catch (error) {
    onStep("removing the hosts again");
    await undo(engine, { id, files, error });
    throw error;
  }
}

function checkCount(count: number): Diagnostic[] {
  if (Number.isInteger(count) && count >= 1 && count <= mostHosts) return [];
  return [{ code: "testbed-count", message: `--count must be a whole number from 1 to ${mostHosts}.` }];
}

async function removeFormer(
  { engine, signal, onStep }: TestbedUpOptions,
  { id, files }: { id: string; files: StateFiles },
): Promise<number> {
  const former = await engine.listContainers({ label: `${testbedLabel}=${id}` });
  if (former.length > 0)
    onStep("replacing the test hosts from before", former.map(({ name }) => name).join(", "));
  const { containers } = await removeTestbed(engine, id, signal);
  await removeState(files);
  return containers;
}

/** Cleans on a signal of its own; what cannot be removed is said with what went wrong first. */
async function undo(
  engine: Engine,
  { id, files, error }: { id: string; files: StateFiles; error: unknown },
): Promise<void> {
  try {
    await removeTestbed(engine, id, AbortSignal.timeout(cleanupMs));
    await removeState(files);
  } catch (left) {
    throw new TestbedError(
      `${describeError(error)} Not all of it could be removed: ${describeError(left)}. Try: npx baleen testbed down`,
      { cause: left },
    );
  }
}

interface Undertaking extends TestbedUpOptions {
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly files: StateFiles;
  readonly places: readonly HostPlace[];
}

async function startHosts(undertaking: Undertaking): Promise<TestHost[]> {
  const { engine, env, name, id, image, files, places, docker, onStep } = undertaking;
  const labels = [`${testbedLabel}=${id}`, `${ownerLabel}=${resolve(undertaking.stateDir)}`];
  const hostKeys = places.map((place) => generateKeyPair(place.name));
  const key = await writeKeys(files, places, hostKeys);
  const material: HostMaterial = { image, network: name, labels, authorizedKey: key.publicKey };
  // The first failure ends the others' work before anything is cleaned up.
  const failed = new AbortController();
  const signal = AbortSignal.any([undertaking.signal, failed.signal]);
  const command: DockerCommand = { env, signal };
  const labelArgs = labels.flatMap((label) => ["--label", label]);
  await runDocker(`make network ${name}`, ["network", "create", ...labelArgs, name], command);
  let reason: unknown;
  await mapBounded(places, startsAtOnce, async (place, index) => {
    try {
      signal.throwIfAborted();
      const hostKey = hostKeys[index] as KeyPair;
      await startHost(place, { ...material, hostKey }, { engine, ...command });
      await waitForHost(place, { engine, docker, ...command });
      onStep("ready", place.name);
    } catch (error) {
      reason ??= error;
      failed.abort(error);
    }
  });
  if (reason !== undefined) throw reason;
  const addresses = await readPrivateAddresses(places, name, command);
  return places.map((place, index) => ({
    name: place.name,
    address: place.address,
    sshPort: place.sshPort,
    user: hostUser,
    keyFile: files.keyFile,
    hostKey: hostKeys[index]?.publicKey ?? "",
    privateAddress: addresses[index] ?? "",
  }));
}

async function writeKeys(
  files: StateFiles,
  places: readonly HostPlace[],
  hostKeys: readonly KeyPair[],
): Promise<KeyPair> {
  const key = generateKeyPair("baleen testbed");
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  await writeWhole(files.keyFile, key.privateKey, 0o600);
  await writeWhole(`${files.keyFile}.pub`, `${key.publicKey}\n`, 0o644);
  const known = places.map((place, index) => ({ ...place, hostKey: hostKeys[index]?.publicKey ?? "" }));
  await writeWhole(files.knownHostsFile, formatKnownHosts(known), 0o644);
  return key;
}

/** Addresses within the hosts' own network; the engine gives them at the start. */
async function readPrivateAddresses(
  places: readonly HostPlace[],
  network: string,
  command: DockerCommand,
): Promise<string[]> {
  const format = `{{(index .NetworkSettings.Networks ${JSON.stringify(network)}).IPAddress}}`;
  const names = places.map(({ name }) => name);
  const { stdout } = await runDocker(
    "read the hosts' addresses",
    ["inspect", "--format", format, ...names],
    command,
  );
  return stdout.trim().split("\n");
}
