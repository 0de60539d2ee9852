/** Systems whose nodes make the load: nothing is sent to them, and their own counters tell what became of it. */
import type { NodeMetrics, Protocol } from "../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { NodeLoadDescription } from "./description/description.ts";

/** What their adapter has in place of transactions. */
export function nativeParts({
  counters,
  keep,
}: NodeLoadDescription): Pick<Protocol, "transactions" | "submission" | "native" | "metrics"> {
  const { plane, path, submitted, committed, latency } = counters;
  const reported = [submitted, committed.counter, latency.histogram, latency.squares];
  const metrics: NodeMetrics = {
    plane,
    path,
    keep: [...new Set([...reported.filter((name) => name !== undefined), ...keep])],
  };
  return {
    native: counters,
    metrics,
    transactions: {
      smallestBytes: 1,
      largestBytes: Number.MAX_SAFE_INTEGER,
      encode: nothingSent,
      identify: () => undefined,
      headBytes: 0,
      identifyHead: () => false,
    },
    submission: { path: "/", headers: {}, body: nothingSent, classify: nothingSent },
  };
}

function nothingSent(): never {
  throw new InvalidArgumentError("The nodes make the load themselves: nothing is sent to them.");
}
