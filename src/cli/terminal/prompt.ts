import { once } from "node:events";
import { BaleenError } from "../../core/errors.ts";
import { formatForeign, formatForeignLines } from "../../core/text/foreign-text.ts";

export interface PromptStreams {
  /** process.stdin, as a rule. */
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined };
  /** process.stderr, as a rule: standard output is for results. */
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined };
  /** Takes the question back. */
  readonly signal: AbortSignal;
  /** Does what Ctrl-C does, which a standing question keeps from being a signal. Default: SIGINT to this process. */
  readonly interrupt?: (() => void) | undefined;
}

/** One question, as inquirer knows it, without its name. */
type TerminalQuestion = { readonly type: "input" | "select" | "search" | "confirm" | "password" } & Readonly<
  Record<string, unknown>
> & { readonly message: string };

/**
 * Asks for a password or passphrase; nothing of it is shown, not even its length.
 * @returns undefined where there is no terminal, or on Ctrl-D @throws the signal's reason on abort, Ctrl-C included
 */
export async function askPassword(question: string, streams: PromptStreams): Promise<string | undefined> {
  const options = {
    type: "password",
    message: formatForeign(question),
    mask: false,
    toggleMask: false,
  } as const;
  return canAsk(streams) ? await ask<string>(options, streams) : undefined;
}

/** Whether there is a terminal: somebody who reads questions, and can answer them. */
const canAsk = ({ input, output }: PromptStreams) => input.isTTY === true && output.isTTY === true;

export interface Choice {
  readonly value: string;
  /** On its line. */
  readonly name: string;
  /** More about it, shown below while it is marked. */
  readonly description?: string | undefined;
}

/**
 * Questions on a terminal, one after the other. Each throws DialogueEndedError on Ctrl-D or where the terminal goes
 * away, and the signal's reason on abort, Ctrl-C included.
 */
export interface Dialogue {
  /** Asks until `check` finds nothing wrong with the answer; no answer counts as `usual`. */
  readonly text: (
    message: string,
    options: { readonly usual?: string | undefined; readonly check: (answer: string) => string | undefined },
  ) => Promise<string>;
  readonly choose: (
    message: string,
    options: { readonly choices: readonly Choice[]; readonly usual?: string | undefined },
  ) => Promise<string>;
  /** Of many: those stay that hold what is typed. */
  readonly find: (message: string, choices: readonly Choice[]) => Promise<string>;
  readonly confirm: (message: string, usual: boolean) => Promise<boolean>;
}

/** Nobody answers any more: Ctrl-D, or the terminal went away. */
export class DialogueEndedError extends BaleenError {
  constructor() {
    super("dialogue-ended", "The questions were not answered.");
  }
}

/** @returns undefined where there is no terminal */
export function openDialogue(streams: PromptStreams): Dialogue | undefined {
  if (!canAsk(streams)) return undefined;
  const answered = async <T>(question: TerminalQuestion): Promise<T> => {
    const answer = await ask<T>(question, streams);
    if (answer === undefined) throw new DialogueEndedError();
    return answer;
  };
  return {
    text: async (message, { usual, check }) => {
      const shown = usual && formatForeign(usual);
      const meant = (answer: string) => (answer === shown ? (usual ?? answer) : answer);
      const validate = (answer: string) => formatForeignLines(check(meant(answer)) ?? "") || true;
      return meant(await answered({ type: "input", message, default: shown, validate }));
    },
    choose: (message, { choices, usual }) => {
      const shown = choices.map(formatChoice);
      return answered({ type: "select", message, choices: shown, default: usual, loop: false });
    },
    find: (message, choices) => {
      const holds = (term: string) => (choice: Choice) =>
        `${choice.name} ${choice.description ?? ""}`.toLowerCase().includes(term.toLowerCase());
      const source = (term = "") => choices.filter(holds(term)).map(formatChoice);
      return answered({ type: "search", message, source });
    },
    confirm: (message, usual) => answered({ type: "confirm", message, default: usual }),
  };
}

const formatChoice = ({ value, name, description }: Choice): Choice => ({
  value,
  name: formatForeign(name),
  description: description && formatForeignLines(description),
});

/** @returns undefined on Ctrl-D, or where the terminal goes away */
async function ask<T>(question: TerminalQuestion, streams: PromptStreams): Promise<T | undefined> {
  const { input, output, signal } = streams;
  signal.throwIfAborted();
  // Loaded when it is needed: it is large, and most commands never ask.
  const { createPromptModule } = await import("inquirer");
  const refused = new AbortController();
  const onKey = (_: unknown, key: { readonly ctrl?: boolean; readonly name?: string } | undefined) => {
    if (key?.ctrl === true && key.name === "d") refused.abort();
  };
  const onEnd = () => refused.abort();
  input.on("keypress", onKey);
  input.on("end", onEnd);
  try {
    const prompt = createPromptModule({
      input,
      output,
      signal: AbortSignal.any([signal, refused.signal]),
    });
    const message = formatForeignLines(question.message);
    const answers: { readonly answer?: unknown } = await prompt([{ ...question, message, name: "answer" }]);
    return answers.answer as T;
  } catch (error) {
    if (error instanceof Error && error.name === "ExitPromptError") await interruptAndWait(streams);
    signal.throwIfAborted();
    if (refused.signal.aborted) return undefined;
    throw error;
  } finally {
    input.off("keypress", onKey);
    input.off("end", onEnd);
  }
}

async function interruptAndWait({ signal, interrupt }: PromptStreams): Promise<void> {
  if (signal.aborted) return;
  const aborted = once(signal, "abort");
  // A signal under way does not keep the process from ending for lack of anything else to do.
  const stay = setInterval(() => undefined, 1000);
  try {
    if (interrupt === undefined) process.kill(process.pid, "SIGINT");
    else interrupt();
    await aborted;
  } finally {
    clearInterval(stay);
  }
}

/** Asks one question after the other, also where several hosts need an answer at the same time. */
export function openPrompt(streams: PromptStreams): (question: string) => Promise<string | undefined> {
  let last: Promise<unknown> = Promise.resolve();
  return (question) => {
    const answer = last.then(() => askPassword(question, streams));
    last = answer.catch(() => undefined);
    return answer;
  };
}
