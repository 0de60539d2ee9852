/** Systems whose nodes make the load: nothing is sent to them, and their own counters tell what became of it. */
import type { Protocol } from "../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { metricsPath, type NodeLoadEntry } from "./schema/schema.ts";

/** What their adapter has in place of transactions. */
export function nativeParts({
  port: plane,
  path = metricsPath,
  submitted,
  committed,
  latency: { histogram, unit, squares },
  keep = [],
}: NodeLoadEntry): Pick<Protocol, "transactions" | "submission" | "native" | "metrics"> {
  const reported = [submitted?.counter, committed.counter, histogram, squares];
  return {
    native: {
      plane,
      path,
      submitted: submitted?.counter,
      committed,
      latency: { histogram, unitMs: unit === "s" ? 1000 : 1, squares },
    },
    metrics: {
      plane,
      path,
      keep: [...new Set([...reported.filter((name) => name !== undefined), ...keep])],
    },
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
