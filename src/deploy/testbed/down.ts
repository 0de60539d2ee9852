import { resolve } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { statusOf } from "../engine/error.ts";
import { cacheLabel } from "../engine/ownership.ts";
import { testbedId } from "./layout.ts";
import { type Removed, removeTestbed } from "./removal.ts";
import { type HostsFileRemoval, listStateFiles, lockTestbed, removeState } from "./state.ts";
import type { TestbedOptions } from "./up.ts";

export interface TestbedDownOptions extends TestbedOptions {
  /** The images of test hosts too. */
  readonly images: boolean;
}

export interface TestbedRemoval {
  readonly removed: Removed;
  readonly hostsFile: HostsFileRemoval;
  /** Names of images that were removed. */
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
    onStep("keeping the hosts file, which was changed since", hostsFile.path);
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
