import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { mapBounded } from "../../core/async.ts";
import { BaleenError, ConfigurationError, type Diagnostic, describeError } from "../../core/errors.ts";
import { generateKeyPair, type KeyPair } from "../ssh/keys/ed25519.ts";
import { findConflicts, findHostsFileDiagnostics, isListenedOn } from "./conflicts.ts";
import { type DockerCommand, runDocker, type TestbedOptions } from "./docker-command.ts";
import { type HostMaterial, startHost, waitForHost } from "./host-container.ts";
import { ensureHostImage, hostUser } from "./image.ts";
import {
  type Addressing,
  type AddressRange,
  downCommand,
  formatHostsFile,
  formatKnownHosts,
  type HostPlace,
  hostPrefix,
  mostHosts,
  ownerLabel,
  placeHosts,
  rangeLabel,
  type TestHost,
  testbedId,
  testbedLabel,
} from "./layout.ts";
import { listStateFiles, removeTestbed, type StateFiles, writeHostsFile, writeWhole } from "./state.ts";
import { findUseDiagnostics } from "./users.ts";

export interface TestbedUpOptions extends TestbedOptions {
  /** Hosts, 1 to 16. */
  readonly count: number;
  /** With an engine in each; without, a host has sshd and sudo and no more. */
  readonly docker: boolean;
  /** Is written when all hosts answer; replaces only what `up` has written. */
  readonly hostsFile: string;
  /** Begins the names of containers and network. Default: as the testbed's name says. */
  readonly prefix?: string | undefined;
  readonly addressing: Addressing;
  /** Number of the range that the addresses are from. */
  readonly range: number;
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
export async function chooseAddressing(
  platform: string,
  { prefix, firstPort }: AddressRange,
): Promise<Addressing> {
  if (platform !== "linux") {
    return { nodePorts: false, at: (index) => ({ address: "127.0.0.1", sshPort: firstPort + index }) };
  }
  // An address that no test host has: only who listens on all of them answers there.
  const everywhere = await isListenedOn({ host: `${prefix}.254`, port: standardSshPort });
  const sshPort = everywhere ? otherSshPort : standardSshPort;
  return { nodePorts: true, at: (index) => ({ address: `${prefix}.${index + 1}`, sshPort }) };
}

/**
 * Brings up test hosts: containers that look like machines with sshd and sudo, to be reached over SSH with a key of
 * the testbed's own. Those from before are replaced, unless a run uses them.
 *
 * @throws ConfigurationError where names, ports or the hosts file are somebody else's, or a run uses the hosts: then
 * nothing has changed;
 * BaleenError "testbed", DockerError, TimeoutError and the signal's reason after all that was made is removed again
 */
export async function testbedUp(options: TestbedUpOptions) {
  const { engine, count, onStep, name, prefix = hostPrefix(name) } = options;
  const stateDir = resolve(options.stateDir);
  const hostsFile = resolve(options.hostsFile);
  const id = testbedId(stateDir);
  const places = placeHosts(count, prefix, options.addressing);
  const diagnostics = [
    ...checkCount(count),
    ...(await findHostsFileDiagnostics(hostsFile, name)),
    ...(await findConflicts(places, { engine, id })),
    ...(await findUseDiagnostics(options, "replaced")),
  ];
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const image = await ensureHostImage(options);
  const files = listStateFiles(stateDir);
  const former = await engine.listContainers({ label: `${testbedLabel}=${id}` });
  if (former.length > 0) {
    onStep("replacing the earlier test hosts", former.map((container) => container.name).join(", "));
  }
  await removeTestbed(options);
  try {
    onStep("starting the hosts", places.map((place) => place.name).join(", "));
    const labels = [`${testbedLabel}=${id}`, `${ownerLabel}=${stateDir}`, `${rangeLabel}=${options.range}`];
    const hosts = await startHosts(places, { ...options, network: prefix, labels, image, files });
    const { knownHostsFile } = files;
    const { nodePorts } = options.addressing;
    const text = formatHostsFile(hosts, { knownHostsFile, nodePorts, testbed: name });
    await writeHostsFile(files, hostsFile, text);
    return { hosts, hostsFile, knownHostsFile };
  } catch (error) {
    onStep("removing the hosts again");
    // On a signal of its own; what cannot be removed is said with what went wrong first.
    const removal = removeTestbed({ ...options, signal: AbortSignal.timeout(cleanupMs) });
    await removal.catch((cause: unknown) => {
      const message = `${describeError(error)} Not everything could be removed: ${describeError(cause)}. Try: ${downCommand(name)}`;
      throw new BaleenError("testbed", message, { cause });
    });
    throw error;
  }
}

function checkCount(count: number): Diagnostic[] {
  if (Number.isInteger(count) && count >= 1 && count <= mostHosts) return [];
  return [{ code: "testbed-count", message: `--count must be a whole number from 1 to ${mostHosts}.` }];
}

interface Undertaking
  extends Omit<TestbedUpOptions, "prefix">,
    Pick<HostMaterial, "network" | "labels" | "image"> {
  readonly files: StateFiles;
}

type KeyedPlace = HostPlace & { readonly hostKey: KeyPair };

async function startHosts(
  places: readonly HostPlace[],
  { engine, env, network, labels, image, files, docker, onStep, ...options }: Undertaking,
): Promise<TestHost[]> {
  const keyed = places.map((place) => ({ ...place, hostKey: generateKeyPair(place.name) }));
  const authorizedKey = await writeKeys(files, keyed);
  // The first failure ends the others' work before anything is cleaned up.
  const failed = new AbortController();
  const signal = AbortSignal.any([options.signal, failed.signal]);
  const labelArgs = labels.flatMap((label) => ["--label", label]);
  await runDocker(`create network ${network}`, ["network", "create", ...labelArgs, network], { env, signal });
  await mapBounded(keyed, startsAtOnce, async (place) => {
    try {
      signal.throwIfAborted();
      await startHost(place, { image, network, labels, authorizedKey }, { engine, env, signal });
      await waitForHost(place, { engine, docker, env, signal });
      onStep("ready", place.name);
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  });
  const addresses = await readPrivateAddresses(places, network, { env, signal });
  return keyed.map(({ name, address, sshPort, hostKey: { publicKey: hostKey } }, index) => ({
    ...{ name, address, sshPort, hostKey, user: hostUser, keyFile: files.keyFile },
    privateAddress: addresses[index] ?? "",
  }));
}

/** @returns the public key with which all hosts are entered */
async function writeKeys(files: StateFiles, places: readonly KeyedPlace[]): Promise<string> {
  const { privateKey, publicKey } = generateKeyPair("baleen testbed");
  await mkdir(files.folder, { recursive: true, mode: 0o700 });
  await writeWhole(files.keyFile, privateKey, 0o600);
  await writeWhole(`${files.keyFile}.pub`, `${publicKey}\n`, 0o644);
  const known = places.map(({ hostKey, ...place }) => ({ ...place, hostKey: hostKey.publicKey }));
  await writeWhole(files.knownHostsFile, formatKnownHosts(known), 0o644);
  return publicKey;
}

/** Addresses within the hosts' own network; the engine gives them at the start. */
async function readPrivateAddresses(
  places: readonly HostPlace[],
  network: string,
  command: DockerCommand,
): Promise<string[]> {
  const format = `{{(index .NetworkSettings.Networks ${JSON.stringify(network)}).IPAddress}}`;
  const args = ["inspect", "--format", format, ...places.map(({ name }) => name)];
  const { stdout } = await runDocker("read the hosts' addresses", args, command);
  return stdout.trim().split("\n");
}
