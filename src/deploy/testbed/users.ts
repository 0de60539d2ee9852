/** Which runs use the hosts of a testbed. */
import { resolve } from "node:path";
import { mapBounded } from "../../core/async.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { ContainerSummary } from "../engine/containers.ts";
import type { Engine } from "../engine/engine.ts";
import type { HostLockInfo } from "../provision/lock/holder.ts";
import { viewHostLock } from "../provision/lock/lock.ts";
import type { TestbedOptions } from "./docker-command.ts";
import { testbedId, testbedLabel } from "./layout.ts";

const askedAtOnce = 8;
const answerMs = 30_000;

/** Who holds the locks of these hosts, each once. One that does not answer is in nobody's use. */
export async function findUsers(
  engine: Engine,
  hosts: readonly ContainerSummary[],
  signal: AbortSignal,
): Promise<HostLockInfo[]> {
  const running = hosts.filter(({ state }) => state === "running");
  const holders = await mapBounded(running, askedAtOnce, async ({ id, name }) => {
    const exec = (argv: readonly string[], { timeoutMs }: { readonly timeoutMs: number }) =>
      engine.execIn(id, argv, { timeoutMs, signal });
    const view = viewHostLock({ name, description: "test host", timeoutMs: answerMs, exec }, "read");
    return (await view.catch(() => undefined))?.holder;
  });
  signal.throwIfAborted();
  const found = holders.filter((holder) => holder !== undefined);
  return [...new Map(found.map((holder) => [holder.run, holder])).values()];
}

/** What keeps the hosts of a testbed from being replaced or removed. */
export async function findUseDiagnostics(
  { engine, stateDir, name, signal }: Pick<TestbedOptions, "engine" | "stateDir" | "name" | "signal">,
  fate: "replaced" | "removed",
): Promise<Diagnostic[]> {
  const hosts = await engine.listContainers({ label: `${testbedLabel}=${testbedId(resolve(stateDir))}` });
  const remedy = fate === "replaced" ? ", or give the new test hosts another --name" : "";
  return (await findUsers(engine, hosts, signal)).map(({ run, holder, since }) => ({
    code: "testbed-in-use",
    message: `The test hosts of testbed ${name} are in use by run ${run} (${holder}), since ${since}, and are not ${fate}. Wait for it, or stop it there${remedy}.`,
  }));
}
