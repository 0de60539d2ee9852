import { resolve } from "node:path";
import { mapBounded, until } from "../../core/async.ts";
import type { Engine } from "../engine/engine.ts";
import { statusOf } from "../engine/error.ts";
import { cacheLabel } from "../engine/ownership.ts";
import type { TestbedOptions } from "./docker-command.ts";
import { testbedId, testbedLabel } from "./layout.ts";
import { type HostsFileRemoval, listStateFiles, lockTestbed, removeState } from "./state.ts";

export interface TestbedDownOptions extends TestbedOptions {
  readonly images: boolean;
}

export interface TestbedRemoval {
  readonly removed: Removed;
  readonly hostsFile: HostsFileRemoval;
  readonly images: readonly string[];
}

/** Removes what `testbedUp` has made with the same state folder, finished or killed; content where nothing is there. */
export async function testbedDown(options: TestbedDownOptions): Promise<TestbedRemoval> {
  const { engine, signal, onStep } = options;
  const stateDir = resolve(options.stateDir);
  await using _lock = await lockTestbed(stateDir, "baleen testbed down");
  onStep("removing the test hosts");
  const removed = await removeTestbed(engine, testbedId(stateDir), signal);
  const hostsFile = await removeState(listStateFiles(stateDir));
  if (hostsFile.state === "changed")
    onStep("keeping the hosts file, which has changed since", hostsFile.path);
  const images = options.images ? await removeImages(engine) : [];
  return { removed, hostsFile, images };
}

/** Those in use stay: they belong to somebody else's test hosts. */
async function removeImages(engine: Engine): Promise<string[]> {
  const removed: string[] = [];
  const images = await engine.listImages(cacheLabel);
  const names = images.flatMap(({ tags }) => tags).filter((tag) => /^baleen\/testhost(-base)?:/.test(tag));
  // What is built upon another one goes first.
  for (const name of names.sort((a, b) => Number(a.includes("-base:")) - Number(b.includes("-base:")))) {
    try {
      await engine.removeImage(name);
      removed.push(name);
    } catch (error) {
      if (statusOf(error) !== 409) throw error;
    }
  }
  return removed;
}

interface Removed {
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

/** An engine inside ends its containers within this, or is ended. */
const graceMs = 20_000;
const removalMs = 60_000;
const atOnce = 4;

/** Removes all that bears the label of a testbed; nothing else, and nothing where nothing is there. */
export async function removeTestbed(engine: Engine, id: string, signal: AbortSignal): Promise<Removed> {
  const label = `${testbedLabel}=${id}`;
  const list = async () => ({
    containers: await engine.listContainers({ label }),
    networks: await engine.listNetworks(label),
    volumes: await engine.listVolumes(label),
  });
  const found = await list();
  let left = found;
  const remove = async () => {
    await mapBounded(left.containers, atOnce, async ({ id: container, state }) => {
      if (state === "running") await unlessBusy(() => engine.stop(container, graceMs));
      await unlessBusy(() => engine.removeContainer(container));
    });
    for (const { id: network } of left.networks) await unlessBusy(() => engine.removeNetwork(network));
    for (const { name } of left.volumes) await unlessBusy(() => engine.removeVolume(name));
    left = await list();
    return Object.values(left).every((things) => things.length === 0) ? true : undefined;
  };
  await until(remove, {
    timeoutMs: removalMs,
    everyMs: 200,
    signal,
    describe: () => {
      const names = Object.values(left).flatMap((things) => things.map(({ name }) => name));
      return `Cannot remove ${names.join(", ")}. See what uses them (docker ps -a), then run: npx baleen testbed down`;
    },
  });
  const { containers, networks, volumes } = found;
  return { containers: containers.length, networks: networks.length, volumes: volumes.length };
}

/** Swallows what the engine says of things in use, or being removed already: the next look decides. */
async function unlessBusy(action: () => Promise<unknown>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const status = statusOf(error);
    if (status !== 403 && status !== 404 && status !== 409) throw error;
  }
}
