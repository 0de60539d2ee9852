import type { NamedFile } from "../../contracts/protocol-choice.ts";
import type { ErrorCode } from "../../core/error-codes.ts";
import { type Diagnostic, describeError } from "../../core/errors.ts";
import { suggestion } from "../../core/text/nearest.ts";
import type { NamedFiles } from "../../links/maps.ts";
import { isDescriptionPath } from "../../options/rules/protocol-choice.ts";
import { show } from "../../options/rules/rule.ts";

/** The file that was named, or why there is none. */
export type Opened = { readonly file: NamedFile } | { readonly diagnostic: Diagnostic };

interface Opening {
  readonly readFile: (path: string) => string;
  /** As the option was given: "--links". Absent of a word without an option. */
  readonly option?: string | undefined;
}

const before = ({ option }: Opening) => (option === undefined ? "" : `${option} `);

/** Reads a file by its path. */
export function readNamed(path: string, code: ErrorCode, opening: Opening): Opened {
  try {
    return { file: { path, text: opening.readFile(path) } };
  } catch (error) {
    const message = `${before(opening)}${path}: ${describeError(error)}. Use a readable file.`;
    return { diagnostic: { code, message } };
  }
}

/** Opens what a word names: a file by its path, else one that comes with Baleen, whose path is its name. */
export function openNamed(word: string, { noun, codes, list, read }: NamedFiles, opening: Opening): Opened {
  if (isDescriptionPath(word)) return readNamed(word, codes.file, opening);
  const text = read(word);
  if (text !== undefined) return { file: { path: word, text } };
  const names = list();
  const hint = suggestion(word, names);
  const { option } = opening;
  const message = `${option === undefined ? "" : `${option}: `}unknown ${noun} ${show(word)}.${hint} Name one of ${names.join(", ")}, or a file by its path: ./${word}.yaml.`;
  return { diagnostic: { code: codes.name, message } };
}
