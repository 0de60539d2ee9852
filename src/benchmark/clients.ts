import type { Emit } from "../contracts/events.ts";
import { delay, untilAborted } from "../core/async.ts";
import type { Clock } from "../core/clock.ts";
import type { ClientReport } from "../load/client-plan.ts";
import type { ClientPlacement, ProtocolName } from "../load/process/messages.ts";
import { mergeReports } from "../load/tally/merge-reports.ts";
import { SecondMerger, type TimedTally } from "../load/tally/merge-seconds.ts";
import { buildSecondRow } from "../load/tally/second-tally.ts";
import { ClientParty, type ClockOffset, type PartyReports } from "./client-party.ts";
import { planClients, type SharedPlan } from "./client-plans.ts";
import type { ClientRun } from "./result.ts";

/** One load, driven by the clients of all placements together. */
export interface DriveRequest {
  /** At least one. */
  readonly placements: readonly ClientPlacement[];
  readonly protocol: ProtocolName;
  readonly plan: SharedPlan;
  readonly clock: Clock;
  /** Phases and seconds are emitted once for the run; what clients say comes as they say it. */
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

export interface DriveOutcome {
  readonly clients: readonly ClientRun[];
  /** Of all clients together. */
  readonly report: ClientReport;
}

/** From the moment that all are ready to the first due time, besides what the slowest link takes. */
const leadInMs = 40;
/** After the drain: for what is under way in threads and on links. */
const reportTimeoutMs = 30_000;

/**
 * Opens all placements, begins all windows at the same moment, and puts together what comes back.
 *
 * @throws ClientPlaceError where clients of a place cannot begin or not go on; the signal's reason on abort. Nothing of
 *   them is left when it rejects.
 */
export async function driveClients(request: DriveRequest): Promise<DriveOutcome> {
  const { signal, placements, protocol, plan } = request;
  const plans = planClients(plan, placements);
  const rows = new SecondMerger<ClientPlacement>(placements, (row) => emitRow(request, row));
  await using parties = await openParties(request, rows);
  const drive = async () => {
    const notes = await Promise.all(
      parties.all.map((party, index) => party.prepare(protocol, plans[index] ?? [])),
    );
    for (const message of new Set(notes.flat())) request.emit({ type: "warning", message });
    const starts = await Promise.all(parties.all.map((party) => party.compareClocks(request.clock)));
    const start = startAll(request, parties.all, starts);
    const timeoutMs = plan.warmUpMs + plan.windowMs + plan.drainMs + reportTimeoutMs;
    const ended = Promise.all(parties.all.map((party) => party.finish(timeoutMs)));
    using phases = tellPhases(request, start);
    const reports = await ended;
    phases.done();
    const { clients, report } = mergeParties(placements, reports, starts);
    return { clients, report: { ...report, windowStartedAtMs: start.wallMs } };
  };
  return await untilAborted(drive(), signal);
}

interface Parties extends AsyncDisposable {
  readonly all: readonly ClientParty[];
}

/** Opens every placement, or none. */
async function openParties(
  { placements, emit, signal }: DriveRequest,
  rows: SecondMerger<ClientPlacement>,
): Promise<Parties> {
  signal.throwIfAborted();
  const opened = await Promise.allSettled(
    placements.map(async (placement) => {
      const link = await placement.open(signal);
      return new ClientParty(placement, link, {
        second: (row) => rows.tell(placement, row),
        event: ({ client, body }) => emit(body, client === undefined ? undefined : `client${client}`),
      });
    }),
  );
  const all = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const parties: Parties = {
    all,
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled(all.map((party) => party[Symbol.asyncDispose]()));
    },
  };
  const failed = opened.find((one) => one.status === "rejected");
  if (failed === undefined && !signal.aborted) return parties;
  await parties[Symbol.asyncDispose]();
  signal.throwIfAborted();
  throw failed?.reason;
}

/** When the window begins, on both clocks of the coordinator, whose word counts for the run. */
interface WindowStart {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** Tells every party when the window begins. */
function startAll(
  { clock, plan }: DriveRequest,
  parties: readonly ClientParty[],
  starts: readonly ClockOffset[],
): WindowStart {
  const slowestMs = Math.max(...starts.map(({ roundTripMs }) => roundTripMs));
  const aheadMs = leadInMs + 4 * slowestMs + plan.warmUpMs;
  const start = { monotonicMs: clock.monotonicMs() + aheadMs, wallMs: clock.wallMs() + aheadMs };
  parties.forEach((party, index) => {
    party.start(start.monotonicMs + (starts[index]?.offsetMs ?? 0));
  });
  return start;
}

/** Tells the run's phases as their times come; stops when it is disposed of. */
function tellPhases(
  { clock, emit, plan }: DriveRequest,
  start: WindowStart,
): Disposable & { readonly done: () => void } {
  const ending = new AbortController();
  const until = (atMs: number) => delay(Math.max(0, atMs - clock.monotonicMs()), ending.signal);
  const tell = async () => {
    await until(start.monotonicMs - plan.warmUpMs);
    emit({ type: "load-phase", phase: "warm-up", windowStartsAtMs: start.wallMs });
    await until(start.monotonicMs);
    emit({ type: "load-phase", phase: "window", lateMs: clock.monotonicMs() - start.monotonicMs });
    await until(start.monotonicMs + plan.windowMs);
    emit({ type: "load-phase", phase: "drain" });
  };
  tell().catch(() => {}); // ends by its signal alone
  return {
    done: () => emit({ type: "load-phase", phase: "done" }),
    [Symbol.dispose]: () => ending.abort(),
  };
}

function emitRow({ emit }: DriveRequest, { startSecs, lengthSecs, ...tally }: TimedTally): void {
  emit({ type: "load-second", ...buildSecondRow({ startSecs, lengthSecs }, [tally]) });
}

function mergeParties(
  placements: readonly ClientPlacement[],
  reports: readonly PartyReports[],
  starts: readonly ClockOffset[],
): DriveOutcome {
  const clients = reports.flatMap(({ sent }, index) =>
    [...sent].map(
      ([client, report]): ClientRun => ({
        name: `client${client}`,
        host: placements[index]?.host ?? "coordinator",
        startErrorMs: starts[index]?.errorMs ?? 0,
        report,
      }),
    ),
  );
  const report = mergeReports(
    clients.map((client) => client.report),
    reports.map(({ observed }) => observed),
  );
  return { clients: clients.sort((a, b) => clientNumber(a) - clientNumber(b)), report };
}

const clientNumber = ({ name }: ClientRun) => Number(name.replace("client", ""));
