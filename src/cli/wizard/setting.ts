import type { Fault } from "../../core/errors.ts";
import { wrap } from "../../report/wrap.ts";
import type { CommandContext } from "../context.ts";
import type { Option } from "../option.ts";
import type { Dialogue } from "../prompt.ts";
import type { Rooms } from "../rooms.ts";

/** What all parts of the wizard work with. */
export interface WizardSetting {
  readonly dialogue: Dialogue;
  readonly context: CommandContext;
  readonly rooms: Rooms;
  /** What may be asked for. */
  readonly table: readonly Option[];
}

const columns = 80;

/** Tells a text on standard error, broken at 80 columns; lines of one paragraph after the first are indented as it is. */
export function tell({ terminal }: Pick<CommandContext, "terminal">, text: string): void {
  const [indent = ""] = /^ */.exec(text) ?? [];
  const lines = text === "" ? [""] : wrap(text.trim(), columns - indent.length);
  for (const line of lines) terminal.note(`${indent}${line}`);
}

export function tellFaults(context: Pick<CommandContext, "terminal">, faults: readonly Fault[]): void {
  for (const { message } of faults) tell(context, `${context.terminal.paint("red", "error:")} ${message}`);
}
