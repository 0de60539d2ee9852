import type { EventBody } from "../../src/contracts/events.ts";
import type { Submission } from "../../src/contracts/load/submission.ts";
import { systemClock } from "../../src/core/clock.ts";
import { runClient } from "../../src/load/client/client.ts";
import type { ClientPlan, ClientReport } from "../../src/load/plan/client-plan.ts";
import type { OpenTransport } from "../../src/load/transport/transport.ts";
import type { Behaviour } from "../stand-in/config.ts";
import { type StandIn, startStandIn } from "../stand-in/node.ts";
import { buildStandInProtocol } from "../stand-in/protocol.ts";

/** Scripted nodes in this process, on real sockets. */
export async function startNodes(behaviours: readonly Behaviour[]): Promise<Nodes> {
  const nodes = await Promise.all(
    behaviours.map((behaviour) =>
      startStandIn({ rpc: { host: "127.0.0.1", port: 0 }, peers: behaviours.length - 1, behaviour }),
    ),
  );
  return {
    nodes,
    targets: nodes.map(({ port }, index) => ({ node: `node${index}`, rpc: { host: "127.0.0.1", port } })),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((node) => node.kill()));
    },
  };
}

export interface Nodes extends AsyncDisposable {
  readonly nodes: readonly StandIn[];
  readonly targets: ClientPlan["targets"];
}

/** A short plan: 200 tx/s for one second after half a second of warm-up. */
export function planFor(targets: ClientPlan["targets"], changes: Partial<ClientPlan> = {}): ClientPlan {
  return {
    run: 7,
    client: 0,
    share: { index: 0, of: 1 },
    transport: { kind: "undici", inFlightPerConnection: 1, batchSize: 1 },
    pacing: "eco",
    seed: 1,
    targets,
    rateTps: 200,
    arrival: "constant",
    transactionSizeBytes: 128,
    warmUpMs: 500,
    windowTransactions: 200,
    windowMs: 1000,
    drainMs: 1000,
    requestTimeoutMs: 5000,
    maxInFlight: 256,
    queueLimit: 10_000,
    lateAfterMs: 2,
    failover: false,
    segments: [],
    ...changes,
  };
}

export interface ClientRun {
  readonly report: ClientReport;
  readonly events: readonly EventBody[];
}

/** Runs a client against the scripted nodes; `onEvent` sees its events as they come. */
export async function run(plan: ClientPlan, changes: Partial<RunChanges> = {}): Promise<ClientRun> {
  const events: EventBody[] = [];
  const protocol = buildStandInProtocol({ replyDelayMs: 0, commit: { kind: "after", ms: 0 } });
  const { observeCommits, ...unobserved } = protocol;
  const submission = changes.submission ?? protocol.submission;
  const report = await runClient(
    plan,
    { ...(changes.unobserved === true ? unobserved : protocol), submission },
    {
      clock: systemClock,
      ...(changes.openTransport === undefined ? {} : { openTransport: changes.openTransport }),
      signal: changes.signal ?? new AbortController().signal,
      emit: (body) => {
        events.push(body);
        changes.onEvent?.(body);
      },
    },
  );
  return { report, events };
}

interface RunChanges {
  readonly signal: AbortSignal;
  readonly onEvent: (body: EventBody) => void;
  /** Commits cannot be observed. */
  readonly unobserved: boolean;
  readonly submission: Submission;
  readonly openTransport: OpenTransport;
}

/** How many of the plan's window transactions the script's rule hits. */
export function countInWindow(plan: ClientPlan, hits: (sequence: number) => boolean): number {
  const first = Math.floor((plan.rateTps * plan.warmUpMs) / 1000);
  return Array.from({ length: plan.windowTransactions }, (_, i) => first + i).filter(hits).length;
}

/**
 * For tests of times: a machine that is busy with other things makes the scripted node itself late, so they may be
 * tried again. A wrong measurement stays wrong.
 */
export const timed = { retry: 4 };
