import type { Protocol } from "../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { Pacer } from "../pacing/pacer.ts";
import type { ClientPlan } from "../plan/client-plan.ts";
import { mostSegments } from "../tally/segment-book.ts";

/** Targets are kept as 16-bit numbers. */
const mostTargets = 2 ** 16;

/** @throws InvalidArgumentError where the plan contradicts itself or the transaction's form */
export function checkPlan(plan: ClientPlan, protocol: Pick<Protocol, "transactions">, pacer: Pacer): void {
  const { smallestBytes, largestBytes } = protocol.transactions;
  if (plan.targets.length === 0) refuse("it has no targets");
  if (plan.targets.length > mostTargets) refuse(`it has more than ${mostTargets} targets`);
  checkShare(plan);
  if (!(plan.rateTps > 0) || !Number.isFinite(plan.rateTps)) refuse(`its rate is ${plan.rateTps} tx/s`);
  if (plan.closedLoop === undefined) checkArrivals(plan, pacer);
  else checkClosedLoop(plan.closedLoop.inFlight, plan);
  if (plan.transactionSizeBytes < smallestBytes || plan.transactionSizeBytes > largestBytes) {
    refuse(`a transaction has ${smallestBytes} to ${largestBytes} bytes, not ${plan.transactionSizeBytes}`);
  }
  checkSegments(plan);
}

function checkArrivals(plan: ClientPlan, pacer: Pacer): void {
  if (plan.maxInFlight < plan.targets.length) {
    refuse(`${plan.maxInFlight} requests may be in flight at ${plan.targets.length} targets`);
  }
  if (!isPositive(plan.windowTransactions)) {
    refuse(`its window has ${plan.windowTransactions} transactions`);
  }
  // Poisson arrivals are drawn within the window, and to come to the last one takes drawing all of them.
  const isDrawn = plan.arrival === "poisson";
  if (!isDrawn && !(pacer.dueMs(pacer.transactions - 1) < plan.windowMs)) {
    refuse(
      `${plan.windowTransactions} transactions at ${plan.rateTps} tx/s do not fit into ${plan.windowMs} ms`,
    );
  }
  checkRates(plan);
}

function checkClosedLoop(inFlight: number, { share }: ClientPlan): void {
  if (Number.isSafeInteger(inFlight) && inFlight >= share.of) return;
  refuse(`${inFlight} transactions may be in flight, but it is one of ${share.of} clients`);
}

function checkShare({ share: { index, of }, transport }: ClientPlan): void {
  if (!isPositive(of) || !isPositive(index + 1) || index >= of) {
    refuse(`its share is number ${index} of ${of}, counted from 0`);
  }
  const { inFlightPerConnection, batchSize } = transport;
  if (!isPositive(inFlightPerConnection)) {
    refuse(`it has ${inFlightPerConnection} requests in flight per connection`);
  }
  if (!isPositive(batchSize)) refuse(`it has ${batchSize} transactions per request`);
}

const isPositive = (count: number) => Number.isSafeInteger(count) && count >= 1;

function checkSegments({ segments, targets, warmUpMs }: ClientPlan): void {
  if (segments.length > mostSegments) refuse(`it has more than ${mostSegments} segments`);
  const [first] = segments;
  if (first !== undefined && !(first.fromMs <= -warmUpMs)) {
    refuse(`its first segment begins at ${first.fromMs} ms, after the warm-up has begun`);
  }
  segments.forEach(({ fromMs, down }, index) => {
    const before = segments[index - 1];
    if (before !== undefined && !(fromMs > before.fromMs)) {
      refuse(`its segment at ${fromMs} ms comes after the one at ${before.fromMs} ms`);
    }
    const stranger = down.find((target) => targets[target] === undefined);
    if (stranger !== undefined) {
      refuse(`target ${stranger} should be down from ${fromMs} ms on, but there are ${targets.length}`);
    }
  });
}

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
      refuse(`the rate from ${fromMs} to ${toMs} ms should begin at ${atMs} ms`);
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
