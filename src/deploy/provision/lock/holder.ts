import type { Host, HostProcess } from "../../../contracts/hosts/host.ts";
import { BaleenError } from "../../../core/errors.ts";
import { endProcess } from "../../../core/process/end.ts";
import { ProcessLines } from "../../../core/process/lines.ts";
import { buildHoldArgv, type LockWords } from "./script.ts";

/** Who has a host, as told to those who come later. */
export interface HostLockInfo {
  readonly run: string;
  /** For people: "alice@laptop, process 123". */
  readonly holder: string;
  /** Wall time of the holder's machine, RFC 3339 UTC. */
  readonly since: string;
}

/** Another run has the host; or this one has it under another name. */
export class HostLockedError extends BaleenError {
  readonly host: string;
  /** undefined where the holder has not said who it is. */
  readonly info: HostLockInfo | undefined;

  constructor(host: Host, info: HostLockInfo | undefined, ownRun: string) {
    const where = `${host.name} (${host.description})`;
    super("host-locked", explainLock(where, info, ownRun));
    this.host = host.name;
    this.info = info;
  }
}

function explainLock(where: string, info: HostLockInfo | undefined, ownRun: string): string {
  if (info === undefined) {
    return `${where} is in use by another run, whose owner is unknown. Wait for it to end, or use another host.`;
  }
  if (info.run === ownRun) {
    return `${where} is already in use by this run: it is the same machine as another of its hosts. Name each machine once.`;
  }
  return (
    `${where} is in use by run ${info.run} (${info.holder}), since ${info.since}. ` +
    "Wait for it to end, stop it there, or use another host."
  );
}

/** A host could not be locked, whether somebody has it or not. */
export class HostLockError extends BaleenError {
  readonly host: string;

  constructor(host: Host, why: string, options?: { cause?: unknown }) {
    super("host-lock", `Cannot lock ${host.name} (${host.description}): ${why}.`, options);
    this.host = host.name;
  }
}

/** Why there is no answer where nothing was said. */
export const silentShell =
  "its shell ended without output; it must run a POSIX shell as `sh` for this user, without a forced command";

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

/**
 * Starts the process that holds the lock for as long as it lives.
 *
 * @throws HostLockedError, HostLockError, what the connection throws, the signal's reason
 */
export async function startHolder(
  host: Host,
  words: LockWords & { readonly info: HostLockInfo },
  signal: AbortSignal,
): Promise<HostProcess> {
  const { info } = words;
  signal.throwIfAborted();
  // Without the signal: the lock is still held while what an aborted run has made is being removed.
  const process = await host.start(buildHoldArgv(words, JSON.stringify(info)), {});
  try {
    const answer = await firstAnswer(new ProcessLines(process), signal);
    signal.throwIfAborted();
    if (answer?.state === "held") return process;
    if (answer?.state === "busy") throw new HostLockedError(host, answer.info, info.run);
    const { stderrTail } = await process.ended;
    const said = stderrTail.trim() === "" ? silentShell : stderrTail.trim();
    throw new HostLockError(host, answer?.state === "failed" ? answer.why : said);
  } catch (error) {
    await endProcess(process);
    throw error;
  }
}

/** undefined where the process ended without one, or was given up. */
async function firstAnswer(lines: ProcessLines, signal: AbortSignal): Promise<LockAnswer | undefined> {
  for (;;) {
    const line = await lines.next(signal);
    if (line === undefined) return undefined;
    const answer = parseLockAnswer(line);
    if (answer !== undefined) return answer;
  }
}
