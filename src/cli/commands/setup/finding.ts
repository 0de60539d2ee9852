import type { Diagnostic } from "../../../core/errors.ts";
import type { CommandContext } from "../../terminal/context.ts";

/** What is known of a file. */
export interface Finding {
  readonly diagnostics: readonly Diagnostic[];
  /** What it says, where it is right: for people, a line each … */
  readonly lines: readonly string[];
  /** … and for programs. */
  readonly facts: Readonly<Record<string, unknown>>;
  readonly concealed?: ReadonlyMap<string, string>;
}

/** A file to be looked at. */
export interface LookedAt {
  readonly path: string;
  readonly text: string;
  readonly env: CommandContext["env"];
}
