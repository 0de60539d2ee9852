/** Every kind of output that commands have, each with foreign text. */
import type { CommandContext } from "../../../src/cli/terminal/context.ts";
import { openSteps, printFound } from "../../../src/cli/terminal/context.ts";
import { startProgress } from "../../../src/cli/terminal/progress.ts";
import { openDialogue, openPrompt } from "../../../src/cli/terminal/prompt.ts";
import { notify, reportDiagnostics } from "../../../src/cli/wizard/setting.ts";
import type { KeptBody } from "../../../src/contracts/events.ts";
import { BaleenError, ConfigurationError } from "../../../src/core/errors.ts";
import { poison } from "./poison.ts";

interface Output {
  readonly name: string;
  readonly flags?: readonly string[];
  readonly write: (text: string, context: CommandContext) => void | Promise<void>;
  /** Typed once the text is there: Enter. */
  readonly asks?: true;
}

const streams = (signal: AbortSignal) => ({ input: process.stdin, output: process.stderr, signal });
function dialogue(signal: AbortSignal) {
  const opened = openDialogue(streams(signal));
  if (opened === undefined) throw new Error("there is no terminal");
  return opened;
}

const throwing = (make: (text: string) => unknown) => (text: string) => {
  throw make(text);
};

/** Events, as they come from nodes, hosts and clients. */
function emitting(body: (text: string) => KeptBody, live: boolean): Output["write"] {
  return async (text, { terminal, settings, clock, signal }) => {
    const sweep = {
      planned: undefined,
      lengths: () => ({ warmUpSecs: 1, windowSecs: 1 }),
      drainSecs: 1,
      nodes: [text],
      completion: "committed",
      keepNetwork: false,
    } as const;
    const { promise: drawn, resolve } = Promise.withResolvers<void>();
    const show: typeof terminal.show = (lines) => {
      terminal.show(lines);
      resolve();
    };
    const options = {
      terminal: { ...terminal, show },
      settings: { ...settings, live },
      clock,
      signal,
      sweep,
    };
    using progress = startProgress(options);
    const tell = (one: KeptBody) =>
      progress.listen({
        v: 1,
        run: "r",
        source: "coordinator",
        seq: 0,
        t: "2024-01-01T00:00:00.000Z",
        ...one,
      });
    if (live) tell({ type: "run-created", benchmarkNumber: 1, loadTps: 1 });
    tell(body(text));
    if (live) await drawn;
  };
}

export const outputs: readonly Output[] = [
  { name: "an error", write: throwing((text) => new BaleenError("system", text)) },
  { name: "an unexpected error", write: throwing((text) => new TypeError(text)) },
  {
    name: "an error with its stack",
    flags: ["--verbose"],
    write: throwing((text) => new BaleenError("system", text, { cause: new Error(text) })),
  },
  { name: "an error as JSON", flags: ["--log-format=json"], write: throwing((text) => new Error(text)) },
  {
    name: "a diagnostic",
    write: throwing((text) => new ConfigurationError([{ code: "invalid-value", message: text }])),
  },
  { name: "a warning", write: (text, { terminal }) => terminal.note(text, "warning") },
  { name: "a step", write: (text, context) => openSteps(context)(text, text, text) },
  {
    name: "a step as JSON",
    flags: ["--log-format=json"],
    write: (text, context) => openSteps(context)(text, text, text),
  },
  {
    name: "a result as JSON",
    flags: ["--json"],
    write: (text, context) => printFound(context, () => ({ text }), ""),
  },
  {
    name: "a coloured line",
    write: (text, { terminal }) => terminal.print([[{ text: text.split("\n")[0] ?? "", colour: "red" }]]),
  },
  { name: "a paragraph of the wizard", write: (text, context) => notify(context, text) },
  {
    name: "a diagnostic of the wizard",
    write: (text, context) => reportDiagnostics(context, [{ code: "invalid-value", message: text }]),
  },
  ...(
    [
      ["a step of the network", (text) => ({ type: "network-step", step: text, detail: text })],
      ["a lost host", (text) => ({ type: "host-link", host: text, state: "lost", reason: text })],
      ["an observer's loss", (text) => ({ type: "observer-lost", node: text, reason: text })],
      ["a warning of a client", (text) => ({ type: "warning", message: text })],
      ["what is left", (text) => ({ type: "network-left", what: [text], command: text })],
    ] satisfies [string, (text: string) => KeptBody][]
  ).flatMap(([name, body]) => [
    { name, write: emitting(body, false) },
    { name: `${name} as JSON`, flags: ["--log-format=json"], write: emitting(body, false) },
    { name: `${name} in the live view`, write: emitting(body, true) },
  ]),
  {
    name: "a question",
    asks: true,
    write: async (text, { signal }) =>
      void (await dialogue(signal).text(text.split("\n")[0] ?? "", { usual: text, check: () => undefined })),
  },
  {
    name: "a choice",
    asks: true,
    write: async (text, { signal }) =>
      void (await dialogue(signal).choose("Which?", {
        choices: [{ value: "1", name: text, description: text.split("\n")[0] }],
      })),
  },
  {
    name: "a search",
    asks: true,
    write: async (text, { signal }) =>
      void (await dialogue(signal).find("Which?", [{ value: "1", name: text }])),
  },
  {
    name: "a question for a passphrase",
    asks: true,
    write: async (text, { signal }) => void (await openPrompt(streams(signal))(text)),
  },
];

export const outputText = (index: number) => poison(`output${index}.`);
