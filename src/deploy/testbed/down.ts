import { resolve } from "node:path";
import { until } from "../../core/async.ts";
import type { Engine } from "../engine/engine.ts";
import { cacheLabel, removeCachedImages, removeLabelled } from "../engine/ownership.ts";
import type { TestbedOptions } from "./docker-command.ts";
import { testbedId, testbedLabel } from "./layout.ts";
import { lockTestbed, removeState } from "./state.ts";

export interface TestbedDownOptions extends TestbedOptions {
  readonly images: boolean;
}

/** Removes what `testbedUp` has made with the same state folder, finished or killed; content where nothing is there. */
export async function testbedDown(options: TestbedDownOptions) {
  const { engine, signal, onStep } = options;
  const stateDir = resolve(options.stateDir);
  await using _lock = await lockTestbed(stateDir, "baleen testbed down");
  onStep("removing the test hosts");
  const { removed, hostsFile } = await removeTestbed(engine, stateDir, signal);
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
export async function removeTestbed(engine: Engine, stateDir: string, signal: AbortSignal) {
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
    `Cannot remove ${left.join(", ")}. See what uses them (docker ps -a), then run: npx baleen testbed down`;
  const limits = { timeoutMs: removalMs, everyMs: 200, signal, describe };
  const { containers, networks, volumes } = await until(remove, limits);
  const removed = { containers: containers.length, networks: networks.length, volumes: volumes.length };
  return { removed, hostsFile: await removeState(stateDir) };
}
