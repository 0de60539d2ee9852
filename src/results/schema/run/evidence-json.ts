/** The published form of what a verdict rests on: a part of a run's. */
import type { LostClients, RunEvidence, Stall } from "../../../contracts/results/evidence.ts";
import type { Fields } from "../fields.ts";
import { present, rounded } from "../numbers.ts";

const causes = ["asleep", "stopped", "clock-step"] as const satisfies readonly Stall["cause"][];

export function evidenceJson(evidence: RunEvidence) {
  return present({
    window_transactions: evidence.windowTransactions,
    node_exits: evidence.nodeExits.map(({ node, exitCode, signal }) =>
      present({ node, exit_code: exitCode ?? undefined, signal: signal ?? undefined }),
    ),
    observer_failures: evidence.observerFailures.map(({ node, reason }) => ({ node, reason })),
    standstills: evidence.stalls.map(({ atSecs, lengthMs, cause }) => ({
      at_secs: rounded(atSecs),
      length_ms: rounded(lengthMs),
      cause,
    })),
    in_flight_cap_reached: evidence.inFlightCapReached,
    lost_clients: evidence.lostClients?.map(lostClientsJson),
  });
}

export function lostClientsJson({ clients, host, atSecs, windowTransactions, reason }: LostClients) {
  return {
    clients: [...clients],
    host,
    at_secs: rounded(atSecs),
    window_transactions: windowTransactions,
    reason,
  };
}

/** The inverse of `evidenceJson`. */
export function parseEvidence(fields: Fields): RunEvidence {
  return {
    windowTransactions: fields.count("window_transactions"),
    nodeExits: fields.objects("node_exits", (exit) => ({
      node: exit.text("node"),
      exitCode: exit.numberIfAny("exit_code") ?? null,
      signal: exit.textIfAny("signal") ?? null,
    })),
    observerFailures: fields.objects("observer_failures", (failure) => ({
      node: failure.text("node"),
      reason: failure.text("reason"),
    })),
    stalls: fields.objects("standstills", (still) => ({
      atSecs: still.number("at_secs"),
      lengthMs: still.number("length_ms"),
      cause: still.choice("cause", ...causes),
    })),
    inFlightCapReached: fields.flag("in_flight_cap_reached"),
    lostClients: fields.optional("lost_clients", (key) =>
      fields.objects(key, (lost) => ({
        clients: lost.texts("clients"),
        host: lost.text("host"),
        atSecs: lost.number("at_secs"),
        windowTransactions: lost.count("window_transactions"),
        reason: lost.text("reason"),
      })),
    ),
  };
}
