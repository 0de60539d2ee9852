import type { Readable, Writable } from "node:stream";
import { describeError } from "../../core/errors.ts";
import { readLines } from "./lines.ts";
import { type ClientLink, type ClientLinkListener, decodeMessage, encodeCommand } from "./messages.ts";

/** The two streams of a process that runs clients, and what surrounds them. */
export interface StreamLinkRequest {
  /** "coordinator", or the name of a host. */
  readonly host: string;
  /** Standard input of the process. */
  readonly input: Writable;
  /** Standard output of the process. */
  readonly output: Readable;
  /** Why the output ended, as well as it is known: exit code, signal, what stood on standard error. */
  readonly explainEnd: () => Promise<string>;
  /** Ends the process and waits until it has ended; it has been told to stop, and its input has been closed. */
  readonly close: () => Promise<void>;
}

/** A way to a process over its standard input and output, wherever these come from. */
export function openStreamLink(request: StreamLinkRequest): ClientLink {
  const { host, input, output } = request;
  let listener: ClientLinkListener | undefined;
  let closing: Promise<void> | undefined;
  const early: ((to: ClientLinkListener) => void)[] = [];
  const notify = (what: (to: ClientLinkListener) => void) => {
    if (closing !== undefined) return;
    if (listener === undefined) early.push(what);
    else what(listener);
  };
  const lose = async (error: unknown) => {
    const reason =
      error === undefined ? await request.explainEnd().catch(describeError) : describeError(error);
    notify((to) => to.lost(reason));
  };
  // A process that has ended takes nothing more; its output tells of that.
  input.on("error", () => {});
  readLines(output, {
    line: (line) => {
      const message = decodeMessage(line);
      notify((to) => to.message(message));
    },
    end: (error) => void lose(error),
  });
  return {
    host,
    send: (command) => {
      if (input.writable) input.write(`${encodeCommand(command)}\n`);
    },
    listen: (to) => {
      listener = to;
      for (const what of early.splice(0)) what(to);
    },
    [Symbol.asyncDispose]: () => {
      closing ??= (async () => {
        if (input.writable) input.end(`${encodeCommand({ type: "stop" })}\n`);
        await request.close();
      })();
      return closing;
    },
  };
}
