import { once } from "node:events";

/** What a question is asked on. */
export interface PromptStreams {
  /** process.stdin, as a rule. */
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean | undefined };
  /** process.stderr, as a rule: standard output is for results. */
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean | undefined };
  /** Takes the question back. */
  readonly signal: AbortSignal;
  /**
   * Does what Ctrl-C does, which must abort the signal: while a question stands, the terminal makes no signal
   * of it. Default: sends SIGINT to this process.
   */
  readonly interrupt?: (() => void) | undefined;
}

/**
 * Asks for a password or passphrase; nothing of it is shown, not even its length.
 *
 * @returns undefined where there is no terminal to ask on, or the answer was refused with Ctrl-D
 * @throws the signal's reason on abort, Ctrl-C included
 */
export async function askPassword(question: string, streams: PromptStreams): Promise<string | undefined> {
  const { input, output, signal } = streams;
  if (input.isTTY !== true || output.isTTY !== true) return undefined;
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
    const { answer } = await prompt([
      { type: "password", name: "answer", message: question, mask: false, toggleMask: false },
    ]);
    return answer;
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
