/** What is done and why, for those who ask for it (--verbose, --log-file). Costs nothing while nobody listens. */
import { systemClock } from "./clock.ts";

interface CommandTrace {
  readonly kind: "command";
  readonly argv: readonly string[];
  /** Where it runs; none: here. */
  readonly host?: string | undefined;
  readonly asRoot?: boolean | undefined;
  readonly state: "started" | "running" | "ended";
  readonly ms?: number;
  /** Absent where a signal or Baleen ended it. */
  readonly exitCode?: number | undefined;
  /** Why it failed, or what it said of it. */
  readonly failure?: string | undefined;
}

export type Trace =
  | CommandTrace
  | {
      readonly kind: "connection";
      /** "node1 (ubuntu@10.0.1.11:22)". */
      readonly host: string;
      /** Keys that are offered, by file and fingerprint. */
      readonly offered: string;
      readonly ms: number;
      readonly failure?: string | undefined;
    }
  | {
      readonly kind: "request";
      readonly engine: string;
      readonly method: string;
      readonly path: string;
      readonly ms: number;
      readonly status?: number | undefined;
      readonly failure?: string | undefined;
    }
  | {
      readonly kind: "decision";
      readonly subject: string;
      readonly choice: string;
      readonly reason?: string | undefined;
    };

type TraceListener = (trace: Trace) => void;

const listeners = new Set<TraceListener>();
const secrets = new Set<string>();

export function onTrace(listener: TraceListener): Disposable {
  listeners.add(listener);
  return { [Symbol.dispose]: () => listeners.delete(listener) };
}

export const isTraced = (): boolean => listeners.size > 0;

export function trace(make: () => Trace): void {
  if (listeners.size === 0) return;
  const made = make();
  for (const listener of listeners) listener(made);
}

export const traceDecision = (subject: string, choice: string, reason?: string): void =>
  trace(() => ({ kind: "decision", subject, choice, reason }));

/** What may stand in a command, and must not be shown with it. */
export function hideFromTraces(secret: string): void {
  secrets.add(secret);
}

const secretName =
  "[\\w-]*(?:passw(?:or)?d|passphrase|secret|token|credential|(?:api|access|private)[_-]?key)(?!\\w*[_-](?:file|path))[\\w-]*";
/** PASSWORD=x, --api-key=x */
const assignment = new RegExp(`(${secretName}=)\\S+`, "gi");
/** --password, before a word that is one. */
const secretFlag = new RegExp(`^--?${secretName}$`, "i");
/** https://user:password@host */
const login = /(:\/\/[^\s:/@]*:)[^\s/@]+(?=@)/g;

export function hideSecrets(text: string): string {
  let shown = text.replace(assignment, "$1***").replace(login, "$1***");
  for (const secret of secrets) shown = shown.replaceAll(secret, "***");
  return shown;
}

/** The same of a command. */
export const hideSecretWords = (argv: readonly string[]): readonly string[] =>
  argv.map((word, index) => (secretFlag.test(argv[index - 1] ?? "") ? "***" : hideSecrets(word)));

/** Does some work, and says how long it took and what came of it. */
export async function traceWork<T>(
  work: () => Promise<T>,
  describe: (
    outcome: { readonly ms: number } & ({ readonly result: T } | { readonly error: unknown }),
  ) => Trace,
): Promise<T> {
  if (listeners.size === 0) return work();
  const elapsedMs = stopwatch();
  try {
    const result = await work();
    trace(() => describe({ ms: elapsedMs(), result }));
    return result;
  } catch (error) {
    trace(() => describe({ ms: elapsedMs(), error }));
    throw error;
  }
}

/** A command that goes on beside this process. @param ended resolves when it has ended; never rejects */
export function traceStarted(
  of: Pick<CommandTrace, "argv" | "host" | "asRoot">,
  ended: Promise<{ readonly exitCode?: number | null | undefined } | undefined>,
): void {
  if (listeners.size === 0) return;
  const elapsedMs = stopwatch();
  trace(() => ({ kind: "command", ...of, state: "started" }));
  void ended.then((end) =>
    trace(() => ({
      kind: "command",
      ...of,
      state: "ended",
      ms: elapsedMs(),
      exitCode: end?.exitCode ?? undefined,
    })),
  );
}

export function stopwatch(): () => number {
  const startMs = systemClock.monotonicMs();
  return () => systemClock.monotonicMs() - startMs;
}
