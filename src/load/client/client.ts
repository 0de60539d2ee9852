import type { Protocol } from "../../contracts/protocol.ts";
import { openObserver } from "../observe/observer.ts";
import { planObserver } from "../observe/observer-plan.ts";
import type { ClientPlan, ClientReport } from "../plan/client-plan.ts";
import { buildSecondRow } from "../tally/second-tally.ts";
import { Client, type EngineOptions } from "./engine.ts";

export type ClientOptions = Pick<EngineOptions, "clock" | "emit" | "signal" | "openTransport">;

/** What a client must know of the system under test. */
export type ClientProtocol = Pick<Protocol, "transactions" | "submission" | "observeCommits">;

/** From the moment that all is ready to the first due time. */
const leadInMs = 20;

/**
 * Drives one client's load at the targets, and watches their commits in the same thread.
 *
 * Subscribes to every target's commits, then goes through the phases of `Client`. Emits `load-phase`, `load-second`,
 * `observer-lost` and `observer-restored` events, and warnings.
 *
 * @throws InvalidArgumentError where the plan contradicts itself or the transaction's form; CommitWatchError where a
 *   target's commits cannot be watched; the signal's reason on abort, with every socket closed
 */
export async function runClient(
  plan: ClientPlan,
  protocol: ClientProtocol,
  options: ClientOptions,
): Promise<ClientReport> {
  options.signal.throwIfAborted();
  const { clock, emit } = options;
  using client = new Client(plan, protocol, {
    ...options,
    commitsObservable: protocol.observeCommits !== undefined,
    onSecond: (second) => emit({ type: "load-second", ...buildSecondRow(second) }),
  });
  await using observer = await openObserver(planObserver([plan]), protocol, {
    ...options,
    onCommits: (_client, batch) => client.commits(batch),
    onWatermark: (upToMs) => client.watermark(upToMs),
  });
  for (const message of await client.prepare()) emit({ type: "warning", message });
  const windowStartMs = clock.monotonicMs() + leadInMs + plan.warmUpMs;
  observer.begin(windowStartMs);
  const sent = await client.run(windowStartMs);
  return { ...sent, ...observer.finish() };
}
