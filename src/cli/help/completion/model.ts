import { namedMaps, namedTimelines } from "../../../links/maps.ts";
import { protocols } from "../../../protocol/registry.ts";
import type { Operand } from "../../options/command-descriptor.ts";
import {
  binaryNames,
  type CommandName,
  commandNames,
  describeCommand,
  operandsOf,
} from "../../options/command-table.ts";
import type { Option } from "../../options/option.ts";
import { optionsOf } from "../../options/option-table.ts";

/** What a value, or a word without `--`, may be. "any": nothing that could be told. */
export type Completed =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "bundle" | "file" | "folder" | "protocol" | "links" | "timeline" | "any" };

export interface CompletedOption {
  /** "--loads", or "--no-file-output" of what is on by default. */
  readonly flag: string;
  readonly description: string;
  readonly isRepeatable: boolean;
  /** Absent of a switch. */
  readonly value?: Completed | undefined;
}

export interface CompletedCommand {
  readonly name: CommandName;
  readonly summary: string;
  readonly isBinary: boolean;
  readonly options: readonly CompletedOption[];
  /** By place. */
  readonly operands: readonly Completed[];
}

export const programs: readonly string[] = ["baleen", ...binaryNames];

export const protocolNames: readonly string[] = protocols.map(({ name }) => name);

export const mapNames: readonly string[] = namedMaps.list();

export const timelineNames: readonly string[] = namedTimelines.list();

export function listCompletions(): readonly CompletedCommand[] {
  return commandNames.map((name) => ({
    name,
    summary: describeCommand(name).summary,
    isBinary: binaryNames.some((binary) => binary === name),
    options: optionsOf(name).flatMap(completeOption),
    operands: operandsOf(name).map(completeOperand),
  }));
}

function completeOption(option: Option): CompletedOption[] {
  const { name, description, repeatable: isRepeatable, rule } = option;
  const one = { description, isRepeatable };
  if (rule.kind === "value") return [{ ...one, flag: `--${name}`, value: completeValue(option) }];
  const negation = { ...one, flag: `--no-${name}`, description: `not: ${description}` };
  return [{ ...one, flag: `--${name}` }, ...(option.default === "true" ? [negation] : [])];
}

function completeValue({ rule, placeholder }: Option): Completed {
  const words = wordsOf(rule.schema);
  return words.length > 0 ? { kind: "words", words } : completePlaceholder(placeholder, rule.isPath === true);
}

function completeOperand({ words, placeholder = "" }: Operand): Completed {
  return words === undefined ? completePlaceholder(placeholder, false) : { kind: "words", words };
}

function completePlaceholder(placeholder: string, isPath: boolean): Completed {
  if (["BUNDLE", "BUNDLE|SERIES", "A", "B"].includes(placeholder)) return { kind: "bundle" };
  if (placeholder === "NAME|FILE") return { kind: "protocol" };
  if (placeholder === "MAP|FILE") return { kind: "links" };
  if (placeholder === "PRESET|FILE") return { kind: "timeline" };
  if (placeholder === "FOLDER") return { kind: "folder" };
  return { kind: isPath || placeholder.startsWith("FILE") ? "file" : "any" };
}

/** A choice's words, or the one that stands for a number. */
function wordsOf(schema: object | undefined): readonly string[] {
  const { enum: words = [], anyOf = [] } = (schema ?? {}) as {
    readonly enum?: readonly string[];
    readonly anyOf?: readonly { readonly const?: string }[];
  };
  return [...words, ...anyOf.flatMap((one) => one.const ?? [])];
}
