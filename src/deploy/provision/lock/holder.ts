import { type Host, HostError, type HostProcess } from "../../../contracts/hosts/host.ts";
import { withinMs } from "../../../core/async.ts";
import { endProcess } from "../../../core/process/end.ts";
import { ProcessLines } from "../../../core/process/lines.ts";
import { buildLockArgv } from "./script.ts";

/** Who has a host, as told to those who come later. */
export interface HostLockInfo {
  readonly run: string;
  /** For people: "alice@laptop, process 123". */
  readonly holder: string;
  /** Wall time of the holder's machine, RFC 3339 UTC. */
  readonly since: string;
}

/** Another run has the host; or this one has it under another name. */
function refuseLocked(host: Host, info: HostLockInfo | undefined, ownRun: string): HostError {
  const message = `${host.name} (${host.description}) is already in use by ${explainLock(info, ownRun)}`;
  return new HostError({ code: "host-locked", host: host.name, message });
}

/** @param info undefined where the holder has not said who it is */
function explainLock(info: HostLockInfo | undefined, ownRun: string): string {
  if (info === undefined) {
    return "another run, whose owner is unknown. Wait for it to end, or use another host.";
  }
  if (info.run === ownRun) {
    return "this run: it is the same machine as another of its hosts. Name each machine once.";
  }
  return `run ${info.run} (${info.holder}), since ${info.since}. Wait for it to end, stop it there, or use another host.`;
}

type NamedHost = Pick<Host, "name" | "description">;

/** A host could not be locked, whether somebody has it or not. */
export function lockError({ name, description }: NamedHost, why: string, cause?: unknown): HostError {
  const message = `Cannot lock ${name} (${description}): ${why}.`;
  return new HostError({ code: "host-lock", host: name, message }, { cause });
}

/** The script has neither taken the lock nor said who has it. */
export function scriptError(host: NamedHost, answer: LockAnswer | undefined, stderr: string): HostError {
  if (answer?.state === "failed") return lockError(host, answer.why);
  const silent =
    "its shell ended without output; it must run a POSIX shell as `sh` for this user, without a forced command";
  return lockError(host, stderr.trim() || silent);
}

/** What the lock's script says first. */
type LockAnswer =
  | { readonly state: "held" | "free" }
  | { readonly state: "busy"; readonly info: HostLockInfo | undefined }
  | { readonly state: "failed"; readonly why: string };

/** @param line the answer; lines that are not one (a greeting of the login shell) yield undefined */
export function parseLockAnswer(line: string): LockAnswer | undefined {
  const [, word, rest = ""] = /^(held|free|busy|failed)(?: (.*))?$/s.exec(line.trim()) ?? [];
  if (word === "held" || word === "free") return { state: word };
  if (word === "busy") return { state: "busy", info: parseInfo(rest) };
  return word === undefined ? undefined : { state: "failed", why: rest };
}

function parseInfo(text: string): HostLockInfo | undefined {
  try {
    const value = JSON.parse(text) as Record<string, unknown> | null;
    const [run, holder, since] = [value?.run, value?.holder, value?.since];
    if (typeof run !== "string" || typeof holder !== "string" || typeof since !== "string") return undefined;
    return { run, holder, since };
  } catch {
    return undefined;
  }
}

/** "stale /tmp/baleen-host.holder.1000 {…}"; undefined for any other line. */
export function parseStale(line: string): { path: string; run?: string | undefined } | undefined {
  const [, path, rest = ""] =
    /^stale (.*\/baleen-host\.(?:lock|holder\.\d+)) ?(.*)$/s.exec(line.trim()) ?? [];
  return path === undefined ? undefined : { path, run: parseInfo(rest)?.run };
}

interface HolderWords {
  readonly folder: string;
  /** Tells this lock from every other: who comes with the same one takes it over. */
  readonly id: string;
  /** It ends after so long without a heartbeat. */
  readonly silenceSecs: number;
  readonly info: HostLockInfo;
}

/**
 * Starts the process that holds the lock for as long as it lives.
 *
 * @throws HostError where another run has it or it cannot be locked, what the connection throws, the signal's reason
 */
export async function startHolder(
  host: Host,
  { folder, id, silenceSecs, info }: HolderWords,
  signal: AbortSignal,
): Promise<HostProcess> {
  signal.throwIfAborted();
  // Without the signal: the lock is still held while what an aborted run has made is being removed.
  const argv = buildLockArgv("hold", folder, id, String(silenceSecs), JSON.stringify(info));
  const process = await host.start(argv, {});
  const lines = new ProcessLines(process);
  const inTime = AbortSignal.timeout(host.timeoutMs);
  try {
    const answer = await firstAnswer(lines, AbortSignal.any([signal, inTime]));
    signal.throwIfAborted();
    if (answer?.state === "held") return process;
    if (answer?.state === "busy") throw refuseLocked(host, answer.info, info.run);
    if (lines.hasFlooded) throw lockError(host, "its shell writes without end. Check its ForceCommand");
    const ended = answer === undefined && inTime.aborted ? undefined : await withinMs(endMs, process.ended);
    if (ended === undefined) throw silentLock(host);
    throw scriptError(host, answer, ended.stderrTail);
  } catch (error) {
    // One that has not answered so far does not say that it has ended either.
    if (inTime.aborted || lines.hasFlooded) void process.stop();
    else await endProcess(process);
    throw error;
  }
}

/** Between the end of its output and word of how it ended. */
const endMs = 2000;

function silentLock(host: Host): HostError {
  const secs = host.timeoutMs / 1000;
  const remedy = "Check that the host is not overloaded, or wait longer with --ssh-timeout";
  return lockError(host, `its shell did not answer within ${secs} s. ${remedy}`);
}

/** Lines that a login shell may write before the answer. */
const mostOtherLines = 1_000;

/** undefined where the process ended without one, or was given up. */
async function firstAnswer(lines: ProcessLines, signal: AbortSignal): Promise<LockAnswer | undefined> {
  for (let others = 0; others < mostOtherLines; others++) {
    const line = await lines.next(signal);
    if (line === undefined) return undefined;
    const answer = parseLockAnswer(line);
    if (answer !== undefined) return answer;
  }
  lines.cutOff();
  return undefined;
}
