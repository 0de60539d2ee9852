import { hostname } from "node:os";
import { delay, mapBounded } from "../../core/async.ts";
import { BaleenError } from "../../core/errors.ts";
import { ownPid, readProcess } from "../../core/process/processes.ts";
import type { ContainerSummary } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { DockerError, statusOf } from "./error.ts";
import type { LabelFilter, Labels } from "./types.ts";

/** On every container, volume and network that we make; its value is the id of the run. */
export const runLabel = "baleen.run";
/**
 * On every container that we make; its value names the process that drives it: "<pid> <start>" on this machine's own
 * engine, "<user>@<machine> <pid> <start>" where several machines may drive one engine.
 */
export const holderLabel = "baleen.holder";
/** On every image that we build; its value is the name of the program in it. */
export const cacheLabel = "baleen.cache";

/** What a run has left on an engine. */
export type DockerLeftover = Awaited<ReturnType<typeof listLeftovers>>[number];

/**
 * The value of the holder label for what this process makes.
 *
 * @param who "user@machine", for an engine that other machines may use as well
 */
export async function describeOwnHolder(who?: string): Promise<string> {
  const own = `${ownPid} ${(await readProcess(ownPid))?.start ?? ""}`;
  return who === undefined ? own : `${who.replaceAll(/\s/g, "-")} ${own}`;
}

/** A process that drives a container of ours. */
interface Holder {
  /** Of one of this machine that lives; undefined: it is of another, and whether it lives cannot be told from here. */
  readonly pid?: number;
  /** For people: "process 4711". */
  readonly description: string;
}

/**
 * Finds out who, other than this process, drives a container; an engine serves many users.
 *
 * @param remote the container is on another machine's engine: where its holder names no machine, it is of that one
 * @returns undefined where nobody does: the holder has died, or there is none
 */
export async function findHolder(labels: Labels, remote: boolean): Promise<Holder | undefined> {
  const form = /^(?:(?<who>\S+@(?<machine>\S+)) )?(?<pid>\d+) (?<start>.*)$/s;
  const { who, machine, pid, start } = form.exec(labels[holderLabel] ?? "")?.groups ?? {};
  if (pid === undefined) return undefined;
  if (machine === undefined ? remote : machine !== hostname()) {
    return { description: `${who ?? "a user of that machine"}, process ${pid}` };
  }
  if (Number(pid) === ownPid || (await readProcess(Number(pid)))?.start !== start) return undefined;
  return { pid: Number(pid), description: `process ${pid}` };
}

/** What removes all that bears the label of a run, for people to type. */
export function removalCommand(run: string): string {
  return `npx baleen clean --run ${run}`;
}

const mostPasses = 10;
const graceMs = 5000;

/** What all runs, or one, have left on this engine, by run. */
export async function listLeftovers(engine: Engine, run?: string) {
  const label = run === undefined ? runLabel : `${runLabel}=${run}`;
  const [containers, networks, volumes] = await Promise.all([
    engine.listContainers({ label }),
    engine.listNetworks(label),
    engine.listVolumes(label),
  ]);
  const runOf = (thing: { labels: Labels }) => thing.labels[runLabel] ?? "";
  const runs = new Set([...containers, ...networks, ...volumes].map(runOf));
  const ofRun = <T extends { name: string; labels: Labels }>(things: readonly T[], owner: string): T[] =>
    things.filter((thing) => runOf(thing) === owner).sort((a, b) => (a.name < b.name ? -1 : 1));
  const leftovers = [...runs].sort().map(async (owner) => {
    const ours = ofRun(containers, owner);
    const found = await Promise.all(ours.map(({ labels }) => findHolder(labels, engine.remote)));
    const holders = found.filter((holder) => holder !== undefined);
    return {
      run: owner,
      /** Who still drives it, or may do so from another machine. */
      holder: holders.find(({ pid }) => pid === undefined) ?? holders[0],
      containers: ours,
      networks: ofRun(networks, owner).map(({ name }) => name),
      volumes: ofRun(volumes, owner).map(({ name }) => name),
    };
  });
  return Promise.all(leftovers);
}

/** What a run has left, a line each, for people. */
export function describeThings({ containers, networks, volumes }: DockerLeftover): string[] {
  return [
    ...containers.map(({ name, state }) => `container ${name} (${state})`),
    ...networks.map((name) => `network ${name}`),
    ...volumes.map((name) => `volume ${name}`),
  ];
}

/** The same of one run; where the engine does not answer, how what was made can be told once it does. */
export async function describeLeftover(engine: Engine, run: string): Promise<string[]> {
  try {
    return (await listLeftovers(engine, run)).flatMap(describeThings);
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error;
    return [describeUnseen(run)];
  }
}

/** What may be left where nobody can look. */
export function describeUnseen(run: string): string {
  return `everything with the label ${runLabel}=${run}`;
}

export interface RemovalOptions {
  /** Volumes go too; else they and their data stay. */
  readonly volumes: boolean;
  /** Containers may end gracefully before they go. */
  readonly graceful?: boolean;
  /** Default: it has 120 s, however it was asked for. */
  readonly signal?: AbortSignal | undefined;
}

const cleanupTimeoutMs = 120_000;

/**
 * Removes what bears the label of that run, and nothing else. Looks again until nothing is left: a request that was
 * given up half-way may still make a container after the first look.
 *
 * @throws BaleenError "cleanup" where something stays or the engine fails; the signal's reason
 */
export async function removeLeftovers(engine: Engine, run: string, options: RemovalOptions): Promise<void> {
  const limit = AbortSignal.timeout(cleanupTimeoutMs);
  const fail = (why: string, cause?: unknown) => {
    const message = `Cannot remove what run ${run} created: ${why.replace(/\.$/, "")}. Try again with: ${removalCommand(run)}`;
    return new BaleenError("cleanup", message, { cause });
  };
  let left: readonly string[];
  try {
    left = await removeUntilGone(engine, run, { ...options, signal: options.signal ?? limit });
  } catch (cause) {
    if (limit.aborted && cause === limit.reason) {
      throw fail(`not finished within ${cleanupTimeoutMs / 1000} s`, cause);
    }
    throw cause instanceof DockerError ? fail(cause.message, cause) : cause;
  }
  if (left.length > 0) throw fail(`${left.join(", ")} still there after ${mostPasses} attempts`);
}

/** @returns the names of what is still there */
async function removeUntilGone(engine: Engine, run: string, options: RemovalOptions): Promise<string[]> {
  const { volumes, graceful = false, signal } = options;
  let left: string[] = [];
  for (let pass = 0; pass < mostPasses; pass++) {
    signal?.throwIfAborted();
    const how = { volumes, graceMs: graceful && pass === 0 ? graceMs : undefined };
    const found = await removeLabelled(engine, `${runLabel}=${run}`, how);
    left = Object.values(found).flatMap((things) => things.map(({ name }) => name));
    if (left.length === 0) break;
    // The first pass removed them, as a rule; the second sees nothing.
    if (pass > 0) await delay(200, signal);
  }
  return left;
}

/**
 * Removes once what bears a label. What is in use, or is being removed already, is left for the next look.
 *
 * @param how.graceMs containers may end by themselves within this time before they go
 * @param how.atOnce containers that are removed at the same time; default: all
 * @returns what there was before
 */
export async function removeLabelled(
  engine: Engine,
  label: LabelFilter,
  how: { readonly volumes: boolean; readonly graceMs?: number | undefined; readonly atOnce?: number },
) {
  const containers = await engine.listContainers({ label });
  await mapBounded(containers, how.atOnce ?? containers.length, async (container) => {
    if (how.graceMs !== undefined) await stopIfRunning(engine, container, how.graceMs);
    await removedUnlessBusy(() => engine.removeContainer(container.id));
  });
  const networks = await engine.listNetworks(label);
  await Promise.all(networks.map(({ id }) => removedUnlessBusy(() => engine.removeNetwork(id))));
  const volumes = how.volumes ? await engine.listVolumes(label) : [];
  await Promise.all(volumes.map(({ name }) => removedUnlessBusy(() => engine.removeVolume(name))));
  return { containers, networks, volumes };
}

/** Removes the images that we built, of every program or with a label of one; returns their names (or ids). */
export async function removeCachedImages(engine: Engine, label: LabelFilter = cacheLabel) {
  const removed: string[] = [];
  const inUse: string[] = [];
  for (const image of await engine.listImages(label)) {
    // By our names: an image that somebody gave a name of their own, or built upon ours, keeps that.
    const names = image.tags.filter((tag) => tag.startsWith("baleen/"));
    for (const name of image.tags.length === 0 ? [image.id] : names) {
      (await removedUnlessBusy(() => engine.removeImage(name))) ? removed.push(name) : inUse.push(name);
    }
  }
  return { removed, inUse };
}

async function stopIfRunning(
  engine: Engine,
  { id, state }: ContainerSummary,
  graceMs: number,
): Promise<void> {
  if (state === "paused") return;
  await engine.stop(id, graceMs).catch((error: unknown) => {
    // Gone meanwhile; whatever else is wrong shows when it is removed.
    if (statusOf(error) === undefined) throw error;
  });
}

/** false where the engine says that it is in use, or is being removed already: the next look decides. */
async function removedUnlessBusy(remove: () => Promise<void>): Promise<boolean> {
  try {
    await remove();
    return true;
  } catch (error) {
    // 403: a network with containers; 409: an image or a volume in use, a container that is being removed.
    if (statusOf(error) === 403 || statusOf(error) === 409) return false;
    throw error;
  }
}
