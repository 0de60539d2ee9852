import { InvalidArgumentError } from "../../core/errors.ts";
import type { ClientPlan } from "../plan/client-plan.ts";

/**
 * Rates cover the window in order and without gaps, are never below 0, and never above the plan's own.
 *
 * @throws InvalidArgumentError
 */
export function checkRates({
  rates,
  rateTps,
  windowMs,
}: Pick<ClientPlan, "rates" | "rateTps" | "windowMs">): void {
  if (rates === undefined) return;
  let atMs = 0;
  for (const { fromMs, toMs, fromTps, toTps } of rates) {
    if (fromMs !== atMs || !(toMs > fromMs)) {
      refuse(`a rate from ${fromMs} to ${toMs} ms comes where one from ${atMs} ms on is due`);
    }
    if (!(Math.min(fromTps, toTps) >= 0 && Math.max(fromTps, toTps) <= rateTps)) {
      refuse(`the rate at ${fromMs} ms goes from ${fromTps} to ${toTps} tx/s, beyond 0 to ${rateTps} tx/s`);
    }
    atMs = toMs;
  }
  if (atMs !== windowMs) refuse(`its rates end at ${atMs} ms, and its window at ${windowMs} ms`);
}

function refuse(what: string): never {
  throw new InvalidArgumentError(`A client cannot follow its plan: ${what}.`);
}
