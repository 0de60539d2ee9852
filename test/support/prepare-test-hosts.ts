import { homedir } from "node:os";
import { BaleenError } from "../../src/core/errors.ts";
import { findDocker } from "../../src/deploy/docker/deployer.ts";
import { ensureHostImage } from "../../src/deploy/testbed/image.ts";
import { testHostsLimitMs } from "./test-hosts.ts";

/** Makes the images of test hosts before any test does: two at the same time would be in each other's way. */
export async function setup(): Promise<void> {
  const signal = AbortSignal.timeout(testHostsLimitMs);
  const probe = await findDocker({ env: process.env, home: homedir(), signal });
  if (!probe.available) return;
  const { engine, env } = probe.docker;
  try {
    for (const docker of [false, true]) {
      await ensureHostImage({ engine, env, docker, signal, onStep: () => {} });
    }
  } catch (error) {
    // The tests find out for themselves, and say why they are skipped.
    if (!(error instanceof BaleenError && error.code === "testbed")) throw error;
  }
}

// Before all test files, and beside those that need none: `node test/support/prepare-test-hosts.ts`.
if (import.meta.main) await setup();
