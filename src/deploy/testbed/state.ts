/** What a testbed keeps on this machine, and how it is removed with all that it has made. */
import { hash, randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { until } from "../../core/async.ts";
import { ConfigurationError, unlessAbsent } from "../../core/errors.ts";
import { claim } from "../../core/process/lock.ts";
import { cacheLabel, removeCachedImages, removeLabelled } from "../engine/ownership.ts";
import type { TestbedOptions } from "./docker-command.ts";
import { downCommand, testbedDir, testbedId, testbedLabel, usualTestbed } from "./layout.ts";
import { findUseDiagnostics } from "./users.ts";

/** What a testbed keeps on this machine, and where. */
export type StateFiles = ReturnType<typeof listStateFiles>;

/** The hosts file that was written, so that `down` removes that one and no other. */
interface HostsFileRecord {
  readonly path: string;
  readonly sha256: string;
}

export function listStateFiles(stateDir: string) {
  const folder = join(stateDir, "hosts");
  return {
    folder,
    /** Private key with which all its hosts are entered. */
    keyFile: join(folder, "id_ed25519"),
    knownHostsFile: join(folder, "known_hosts"),
    recordFile: join(folder, "hosts-file.json"),
  };
}

/** Keeps other commands from working on any testbed of this user meanwhile. @throws LockedError where one does */
export async function lockTestbeds(stateDir: string, command: string): Promise<AsyncDisposable> {
  const folder = testbedDir(stateDir, usualTestbed);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return claim(join(folder, "lock"), {
    run: "testbed",
    command,
    inUse: "Another command is changing the test hosts",
  });
}

/** Writes a file whole or not at all. */
export async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writeFile(draft, text, { mode, flag: "wx" });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Writes the hosts file, and what `down` needs to know it by, first. */
export async function writeHostsFile(files: StateFiles, path: string, text: string): Promise<void> {
  const record: HostsFileRecord = { path: resolve(path), sha256: hash("sha256", text) };
  await writeWhole(files.recordFile, JSON.stringify(record), 0o600);
  await writeWhole(record.path, text, 0o644);
}

/** What became of the hosts file: "changed" means that somebody edited it, so it stays. */
type HostsFileRemoval =
  | { readonly state: "none" }
  | { readonly state: "removed" | "changed"; readonly path: string };

/** The hosts file that a testbed has written, and not removed since. */
export async function readHostsFilePath(stateDir: string): Promise<string | undefined> {
  const { recordFile } = listStateFiles(stateDir);
  return parseRecord((await unlessAbsent(readFile(recordFile, "utf8"))) ?? "{}")?.path;
}

/** Removes the hosts file, if it still is what was written, and all that the testbed keeps here. */
async function removeState(stateDir: string): Promise<HostsFileRemoval> {
  const { folder, recordFile } = listStateFiles(stateDir);
  const record = parseRecord((await unlessAbsent(readFile(recordFile, "utf8"))) ?? "{}");
  const removal = record === undefined ? { state: "none" as const } : await removeHostsFile(record);
  await rm(folder, { recursive: true, force: true });
  return removal;
}

function parseRecord(text: string): HostsFileRecord | undefined {
  const { path, sha256 } = JSON.parse(text) as Partial<HostsFileRecord>;
  return typeof path === "string" && typeof sha256 === "string" ? { path, sha256 } : undefined;
}

async function removeHostsFile({ path, sha256 }: HostsFileRecord): Promise<HostsFileRemoval> {
  const text = await unlessAbsent(readFile(path, "utf8"));
  if (text === undefined) return { state: "none" };
  if (hash("sha256", text) !== sha256) return { state: "changed", path };
  await rm(path);
  return { state: "removed", path };
}

export interface TestbedDownOptions extends TestbedOptions {
  readonly images: boolean;
}

/**
 * Removes what `testbedUp` has made with the same state folder, finished or killed; content where nothing is there.
 *
 * @throws ConfigurationError where a run uses the hosts
 */
export async function testbedDown(options: TestbedDownOptions) {
  const { engine, onStep } = options;
  const diagnostics = await findUseDiagnostics(options, "removed");
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  onStep("removing the test hosts");
  const { removed, hostsFile } = await removeTestbed(options);
  if (hostsFile.state === "changed") {
    onStep("keeping the hosts file, which has changed since", hostsFile.path);
  }
  const images: string[] = [];
  // What is built upon another one goes first. Those in use stay: they belong to somebody else's test hosts.
  for (const program of options.images ? ["testhost", "testhost-base"] : []) {
    images.push(...(await removeCachedImages(engine, `${cacheLabel}=${program}`)).removed);
  }
  return { removed, hostsFile, images };
}

/** An engine inside ends its containers within this, or is ended. */
const graceMs = 20_000;
const removalMs = 60_000;
const atOnce = 4;

/**
 * Removes all that bears the label of a testbed, nothing else, and then what it keeps on this machine.
 *
 * @returns how many things there were, and what became of the hosts file
 */
export async function removeTestbed({
  engine,
  signal,
  name,
  ...options
}: Pick<TestbedOptions, "engine" | "stateDir" | "name" | "signal">) {
  const stateDir = resolve(options.stateDir);
  const label = `${testbedLabel}=${testbedId(stateDir)}`;
  let found: Awaited<ReturnType<typeof removeLabelled>> | undefined;
  let left: string[] = [];
  const remove = async () => {
    const things = await removeLabelled(engine, label, { volumes: true, graceMs, atOnce });
    found ??= things;
    left = Object.values(things).flatMap((each) => each.map(({ name }) => name));
    return left.length === 0 ? found : undefined;
  };
  const describe = () =>
    `Cannot remove ${left.join(", ")}. See what uses them (docker ps -a), then run: ${downCommand(name)}`;
  const limits = { timeoutMs: removalMs, everyMs: 200, signal, describe };
  const { containers, networks, volumes } = await until(remove, limits);
  const removed = { containers: containers.length, networks: networks.length, volumes: volumes.length };
  return { removed, hostsFile: await removeState(stateDir) };
}
