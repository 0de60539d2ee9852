import type { Emit } from "../../contracts/events.ts";
import type { LostClients } from "../../contracts/results/verdict.ts";
import { delay, untilAborted } from "../../core/async.ts";
import type { Clock } from "../../core/clock.ts";
import { BaleenError } from "../../core/errors.ts";
import type { ClientPlacement, ProtocolName } from "../../load/messages/messages.ts";
import type { ClientReport, SenderReport } from "../../load/plan/client-plan.ts";
import { mergeReports } from "../../load/tally/merge-reports.ts";
import { SecondMerger } from "../../load/tally/merge-seconds.ts";
import { buildSecondRow } from "../../load/tally/second-tally.ts";
import { describeLoss, planClients, type SharedPlan } from "./plans.ts";
import { ClientPlaceError, ClientSession, type SessionReports } from "./session.ts";

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

export interface ClientRun {
  readonly name: string;
  /** "coordinator", or the name of a host. */
  readonly host: string;
  /** As ClientOutcome has it. */
  readonly startErrorMs?: number | undefined;
  readonly report: SenderReport;
}

export interface DriveOutcome {
  readonly clients: readonly ClientRun[];
  /** Those of which no report came. */
  readonly lostClients: readonly LostClients[];
  /** Of all clients together. */
  readonly report: ClientReport;
}

/** From the moment that all are ready to the first due time, besides what the slowest link takes. */
const leadInMs = 40;
/** After the drain: for what is under way in threads and on links. */
const reportTimeoutMs = 30_000;

/**
 * Opens all placements, begins all windows at the same moment, and puts together what comes back. Where the clients of
 * a place are lost on the way, the others go on.
 * @throws ClientPlaceError where clients of a place cannot begin, or none can go on; the signal's reason on abort.
 *   Nothing of them is left when it rejects.
 */
export async function driveClients(request: DriveRequest): Promise<DriveOutcome> {
  const { signal, placements, protocol } = request;
  const rows = new SecondMerger<ClientPlacement>(placements, (row) =>
    request.emit({ type: "load-second", ...buildSecondRow(row) }),
  );
  await using sessions = await openSessions(request, rows);
  const drive = async () => {
    const notes = await Promise.all(sessions.all.map((session) => session.prepare(protocol)));
    for (const message of new Set(notes.flat())) request.emit({ type: "warning", message });
    await Promise.all(sessions.all.map((session) => session.compareClocks(request.clock)));
    const start = startAll(request, sessions.all);
    const ended = Promise.all(sessions.all.map((session) => finishSession(session, request, rows, start)));
    const ending = new AbortController();
    try {
      const phases = reportPhases(request, start, AbortSignal.any([ending.signal, signal]));
      const [{ report, ...outcome }] = await Promise.all([ended.then(mergeSessions), phases]);
      request.emit({ type: "load-phase", phase: "done" });
      return { ...outcome, report: { ...report, windowStartedAtMs: start.wallMs } };
    } finally {
      ending.abort(new Error("The clients have ended."));
    }
  };
  return await untilAborted(drive(), signal);
}

/** Opens every placement, or none. */
async function openSessions(
  { placements, plan, emit, signal }: DriveRequest,
  rows: SecondMerger<ClientPlacement>,
): Promise<AsyncDisposable & { readonly all: readonly ClientSession[] }> {
  signal.throwIfAborted();
  const plans = planClients(plan, placements);
  const opened = await Promise.allSettled(
    placements.map(async (placement, index) => {
      const link = await placement.open(signal);
      return new ClientSession({ placement, plans: plans[index] ?? [] }, link, {
        second: (row) => rows.notify(placement, row),
        event: ({ client, body }) => emit(body, client === undefined ? undefined : `client${client}`),
      });
    }),
  );
  const all = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const dispose = async () => {
    await Promise.allSettled(all.map((session) => session[Symbol.asyncDispose]()));
  };
  const failed = opened.find((one) => one.status === "rejected");
  if (failed === undefined && !signal.aborted) return { all, [Symbol.asyncDispose]: dispose };
  await dispose();
  signal.throwIfAborted();
  throw failed?.reason;
}

/** When the window begins, on both clocks of the coordinator, whose word counts for the run. */
interface WindowStart {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

function startAll({ clock, plan }: DriveRequest, sessions: readonly ClientSession[]): WindowStart {
  const slowestMs = Math.max(...sessions.map((session) => session.clock.roundTripMs));
  const aheadMs = leadInMs + 4 * slowestMs + plan.warmUpMs;
  const start = { monotonicMs: clock.monotonicMs() + aheadMs, wallMs: clock.wallMs() + aheadMs };
  for (const session of sessions) session.start(start.monotonicMs);
  return start;
}

interface SessionEnd {
  readonly session: ClientSession;
  readonly end: SessionReports | LostClients;
}

/** Waits for the reports of one place; where they do not come, the others go on. */
async function finishSession(
  session: ClientSession,
  { placements, plan, clock, emit }: DriveRequest,
  rows: SecondMerger<ClientPlacement>,
  start: WindowStart,
): Promise<SessionEnd> {
  const { placement, plans } = session;
  const loadMs = plan.warmUpMs + plan.windowMs;
  try {
    const end = await session.finish({ loadMs, timeoutMs: loadMs + plan.drainMs + reportTimeoutMs });
    rows.leave(placement);
    return { session, end };
  } catch (error) {
    if (placements.length === 1 || !(error instanceof ClientPlaceError)) throw error;
    // What is left of them sends nothing more; the drive's end waits for theirs.
    session[Symbol.asyncDispose]().catch(() => {});
    rows.leave(placement);
    const atSecs = (clock.monotonicMs() - start.monotonicMs) / 1000;
    const end = describeLoss(plans, { host: placement.host, atSecs, reason: error.reason });
    emit({ type: "clients-lost", ...end });
    return { session, end };
  }
}

/** Tells phases as their times come. @throws what a listener throws; the signal's reason on abort */
async function reportPhases(
  { clock, emit, plan }: DriveRequest,
  start: WindowStart,
  signal: AbortSignal,
): Promise<void> {
  const until = (atMs: number) => delay(Math.max(0, atMs - clock.monotonicMs()), signal);
  await until(start.monotonicMs - plan.warmUpMs);
  emit({ type: "load-phase", phase: "warm-up", windowStartsAtMs: start.wallMs });
  await until(start.monotonicMs);
  emit({ type: "load-phase", phase: "window", lateMs: clock.monotonicMs() - start.monotonicMs });
  await until(start.monotonicMs + plan.windowMs);
  emit({ type: "load-phase", phase: "drain" });
}

/** @throws BaleenError where nothing came back from anywhere */
function mergeSessions(ends: readonly SessionEnd[]): DriveOutcome {
  const lostClients = ends.flatMap(({ end }) => ("reason" in end ? [end] : []));
  const reported = ends.flatMap(({ session, end }) =>
    "reason" in end ? [] : [{ host: session.placement.host, startErrorMs: session.clock.errorMs, ...end }],
  );
  if (reported.length === 0) {
    const why = lostClients.map(({ host, reason }) => `${host}: ${reason}`).join("; ");
    throw new BaleenError("clients", `All clients were lost: ${why}.`);
  }
  const clients = reported.flatMap(({ host, startErrorMs, sent }) =>
    [...sent].map(([client, report]): ClientRun => ({ name: `client${client}`, host, startErrorMs, report })),
  );
  const report = mergeReports(
    clients.map((client) => client.report),
    reported.map(({ observed }) => observed),
  );
  return { clients: clients.sort((a, b) => clientNumber(a) - clientNumber(b)), lostClients, report };
}

const clientNumber = ({ name }: ClientRun) => Number(name.replace("client", ""));
