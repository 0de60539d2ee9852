import { mapBounded, until } from "../../core/async.ts";
import type { Engine } from "../engine/engine.ts";
import { statusOf } from "../engine/error.ts";
import { testbedLabel } from "./layout.ts";

/** How much was removed. */
export interface Removed {
  readonly containers: number;
  readonly networks: number;
  readonly volumes: number;
}

/** An engine inside ends its containers within this, or is ended. */
const graceMs = 20_000;
const timeoutMs = 60_000;
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
    timeoutMs,
    everyMs: 200,
    signal,
    describe: () => {
      const names = Object.values(left).flatMap((things) => things.map(({ name }) => name));
      return `${names.join(", ")} cannot be removed. Look at what uses them (docker ps -a) and run: npx baleen testbed down`;
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
