import { hostname } from "node:os";
import { delay } from "../core/async.ts";
import { BaleenError } from "../core/errors.ts";
import { ownPid, readProcess } from "../core/processes.ts";
import { DockerError, statusOf } from "./docker-error.ts";
import type { ContainerSummary, Engine, Labels } from "./engine-types.ts";

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
export interface DockerLeftover {
  readonly run: string;
  /** Process that still drives it, another than this one: then it is in use. */
  readonly holderPid: number | undefined;
  /** A process of another machine, for people: "ann@laptop, process 4711". Whether it lives cannot be told here. */
  readonly holderElsewhere: string | undefined;
  readonly containers: readonly ContainerSummary[];
  /** Names. */
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/**
 * The value of the holder label for what this process makes.
 *
 * @param who "user@machine", for an engine that other machines may use as well
 */
export async function describeOwnHolder(who?: string): Promise<string> {
  const own = `${ownPid} ${(await readProcess(ownPid))?.start ?? ""}`;
  return who === undefined ? own : `${who.replaceAll(/\s/g, "-")} ${own}`;
}

/** The process, other than this one, that drives a container of ours and lives; an engine serves many users. */
export async function findLivingHolder(labels: Labels): Promise<number | undefined> {
  const holder = parseHolder(labels);
  if (holder === undefined || holder.elsewhere || holder.pid === ownPid) return undefined;
  return (await readProcess(holder.pid))?.start === holder.start ? holder.pid : undefined;
}

/** What drives a container of ours from another machine, for people. */
export function findHolderElsewhere(labels: Labels): string | undefined {
  const holder = parseHolder(labels);
  return holder?.elsewhere === true ? `${holder.who}, process ${holder.pid}` : undefined;
}

function parseHolder(labels: Labels) {
  const form = /^(?:(?<who>\S+@(?<machine>\S+)) )?(?<pid>\d+) (?<start>.*)$/s;
  const { who, machine, pid, start } = form.exec(labels[holderLabel] ?? "")?.groups ?? {};
  if (pid === undefined || start === undefined) return undefined;
  return { who, pid: Number(pid), start, elsewhere: machine !== undefined && machine !== hostname() };
}

/** What a run has made, or some of it, could not be removed. */
export class CleanupError extends BaleenError {
  constructor({ run, why }: { run: string; why: string }, options?: { cause: unknown }) {
    const message = `Cannot remove what run ${run} has made: ${why.replace(/\.$/, "")}. Try again with: ${removalCommand(run)}`;
    super("cleanup", message, options);
  }
}

/** What removes all that bears the label of a run, for people to type. */
export function removalCommand(run: string): string {
  return `npx baleen clean --run ${run}`;
}

const mostPasses = 10;
const graceMs = 5000;

/** What all runs, or one, have left on this engine, by run. */
export async function listLeftovers(engine: Engine, run?: string): Promise<DockerLeftover[]> {
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
    const holders = await Promise.all(ours.map(({ labels }) => findLivingHolder(labels)));
    return {
      run: owner,
      holderPid: holders.find((pid) => pid !== undefined),
      holderElsewhere: ours
        .map(({ labels }) => findHolderElsewhere(labels))
        .find((text) => text !== undefined),
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

/** What is removed of a run. */
export interface RemovalOptions {
  /** Volumes go too; else they and their data stay. */
  readonly volumes: boolean;
  /** Containers may end gracefully before they go. */
  readonly graceful?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Removes what bears the label of that run, and nothing else. Looks again until nothing is left: a request that was
 * given up half-way may still make a container after the first look.
 *
 * @throws CleanupError where something stays or the engine fails, the signal's reason
 */
export async function removeLeftovers(engine: Engine, run: string, options: RemovalOptions): Promise<void> {
  try {
    await removeUntilGone(engine, run, options);
  } catch (cause) {
    if (!(cause instanceof DockerError)) throw cause;
    throw new CleanupError({ run, why: cause.message }, { cause });
  }
}

async function removeUntilGone(engine: Engine, run: string, options: RemovalOptions): Promise<void> {
  const label = `${runLabel}=${run}`;
  let left: string[] = [];
  for (let pass = 0; pass < mostPasses; pass++) {
    options.signal?.throwIfAborted();
    const containers = await engine.listContainers({ label });
    if (options.graceful === true && pass === 0) {
      await Promise.all(containers.map((container) => stopIfRunning(engine, container)));
    }
    await removeAll(containers, ({ id }) => engine.removeContainer(id));
    const networks = await engine.listNetworks(label);
    await removeAll(networks, ({ id }) => engine.removeNetwork(id));
    const volumes = options.volumes ? await engine.listVolumes(label) : [];
    await removeAll(volumes, ({ name }) => engine.removeVolume(name));
    left = [...containers, ...networks, ...volumes].map(({ name }) => name);
    if (left.length === 0) return;
    // The first pass removed them, as a rule; the second sees nothing.
    if (pass > 0) await delay(200, options.signal);
  }
  throw new CleanupError({ run, why: `${left.join(", ")} still there after ${mostPasses} attempts` });
}

/**
 * Removes the images that we built. Those that a container uses stay.
 *
 * @returns their names (or ids)
 */
export async function removeCachedImages(engine: Engine): Promise<{ removed: string[]; inUse: string[] }> {
  const removed: string[] = [];
  const inUse: string[] = [];
  for (const image of await engine.listImages(cacheLabel)) {
    // By our names: an image that somebody gave a name of their own, or built upon ours, keeps that.
    const names = image.tags.filter((tag) => tag.startsWith("baleen/"));
    for (const name of image.tags.length === 0 ? [image.id] : names) {
      (await removedUnlessBusy(() => engine.removeImage(name))) ? removed.push(name) : inUse.push(name);
    }
  }
  return { removed, inUse };
}

async function stopIfRunning(engine: Engine, container: ContainerSummary): Promise<void> {
  if (container.state === "paused") return;
  await engine.stop(container.id, graceMs).catch((error: unknown) => {
    // Gone meanwhile; whatever else is wrong shows when it is removed.
    if (statusOf(error) === undefined) throw error;
  });
}

async function removeAll<T>(things: readonly T[], remove: (thing: T) => Promise<void>): Promise<void> {
  await Promise.all(things.map((thing) => removedUnlessBusy(() => remove(thing))));
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
