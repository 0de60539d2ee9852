import { isNode, LineCounter, parseDocument, stringify } from "yaml";
import { BaleenError, describeError } from "./errors.ts";

/** A YAML text that cannot be read; the message names line and column. */
export class YamlError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("yaml", message, options);
  }
}

/**
 * Parses one YAML 1.2 document (JSON is a part of it); merge keys (`<<`) as compose files use them.
 *
 * @throws YamlError with every fault of the text and its line
 */
export function parseYaml(text: string): unknown {
  return parseYamlWithLines(text).value;
}

/** What a YAML text says, and where. */
export interface YamlWithLines {
  readonly value: unknown;
  /** Line of what stands there, from 1; of the nearest thing around it that is there. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

/**
 * The same with the lines of what it says.
 *
 * @throws YamlError with every fault of the text and its line
 */
export function parseYamlWithLines(text: string): YamlWithLines {
  const lines = new LineCounter();
  const document = parseDocument(text, { merge: true, prettyErrors: true, lineCounter: lines });
  return {
    value: plainValue(document),
    lineOf: (path) => {
      for (let length = path.length; length > 0; length--) {
        const node = document.getIn(path.slice(0, length), true);
        if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
      }
      return 1;
    },
  };
}

function plainValue(document: ReturnType<typeof parseDocument>): unknown {
  if (document.errors.length > 0) {
    throw new YamlError(
      document.errors.map((error) => error.message.split("\n")[0]?.replace(/:$/, "")).join("; "),
    );
  }
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    // Aliases are resolved only here: an unknown one, or more than could be meant.
    throw new YamlError(describeError(error), { cause: error });
  }
}

/** Formats a plain value as YAML, long strings unfolded. */
export function formatYaml(value: unknown): string {
  return stringify(value, { lineWidth: 0 });
}
