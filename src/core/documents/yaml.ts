import type { LineCounter } from "yaml";
import { BaleenError, describeError } from "../errors.ts";
import { onDemand } from "../on-demand.ts";

const yaml = onDemand<typeof import("yaml")>("yaml");

/** A YAML text that cannot be read; the message names line and column. */
export class YamlError extends BaleenError {
  /** All that is wrong, without the place, and the line of each. */
  readonly problems: readonly YamlProblem[];

  constructor(
    message: string,
    { problems, ...options }: { readonly problems: readonly YamlProblem[]; readonly cause?: unknown },
  ) {
    super("yaml", message, options);
    this.problems = problems;
  }
}

export interface YamlProblem {
  readonly message: string;
  /** From 1. */
  readonly line: number;
}

/** Parses one YAML 1.2 document, merge keys (`<<`) too. @throws YamlError with all that is wrong */
export function parseYaml(text: string): unknown {
  return parseYamlWithLines(text).value;
}

export interface YamlWithLines {
  readonly value: unknown;
  /**
   * Line of what stands there, from 1: of its key where it has one; else of the nearest thing around it that is there.
   */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/** The same with the lines of what it says. @throws YamlError */
export function parseYamlWithLines(text: string): YamlWithLines {
  const lines = new (yaml().LineCounter)();
  const document = yaml().parseDocument(text, { merge: true, prettyErrors: true, lineCounter: lines });
  return {
    value: plainValue(document, lines),
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const node = nodeAt(document, path.slice(0, length));
        if (yaml().isNode(node) && node.range) return lines.linePos(node.range[0]).line;
      }
      return 1;
    },
  };
}

/** The same of a file of a user's. undefined where it cannot be read: then all that is wrong is told, each with its line. */
export function readYamlFile(
  path: string,
  text: string,
  refuse: (message: string) => void,
  remedy = "Use a readable YAML file.",
): YamlWithLines | undefined {
  try {
    return parseYamlWithLines(text);
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    for (const { message, line } of error.problems) refuse(`${path}:${line}: ${message}. ${remedy}`);
    return undefined;
  }
}

type Document = ReturnType<typeof import("yaml").parseDocument>;

/** What a diagnostic points at: a key, or an item of a list. */
function nodeAt(document: Document, path: readonly (string | number)[]): unknown {
  const around = document.getIn(path.slice(0, -1), true);
  if (!yaml().isMap(around)) return document.getIn(path, true);
  const key = String(path.at(-1));
  return around.items
    .map((pair) => pair.key)
    .find((one) => yaml().isScalar(one) && String(one.value) === key);
}

function plainValue(document: Document, lines: LineCounter): unknown {
  if (document.errors.length > 0) {
    const texts = document.errors.map(({ message }) => message.split("\n")[0]?.replace(/:$/, "") ?? "");
    const problems = document.errors.map(({ linePos }, index) => ({
      message: texts[index]?.replace(/ at line \d+, column \d+$/, "") ?? "",
      line: linePos?.[0].line ?? 1,
    }));
    throw new YamlError(texts.join("; "), { problems });
  }
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    // Aliases are resolved only here: an unknown one, or more than could be meant.
    const message = describeError(error);
    throw new YamlError(message, {
      problems: [{ message, line: lineOfAlias(document, lines) }],
      cause: error,
    });
  }
}

/** Of the first that names nothing. */
function lineOfAlias(document: Document, lines: LineCounter): number {
  let line = 1;
  yaml().visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined || !alias.range) return undefined;
      line = lines.linePos(alias.range[0]).line;
      return yaml().visit.BREAK;
    },
  });
  return line;
}

/** Formats a plain value as YAML, long strings unfolded. */
export function formatYaml(value: unknown): string {
  return yaml().stringify(value, { lineWidth: 0 });
}
