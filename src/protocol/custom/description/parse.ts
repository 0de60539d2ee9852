import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { findTooDeep, readDescribedFile } from "../../../core/documents/described-file.ts";
import { listIn, type Refuse, tableIn, textIn } from "../../../core/documents/loose.ts";
import { neverWaiting } from "../../../core/documents/read-bounded.ts";
import { type SchemaDiagnostic, schemaDiagnostics } from "../../../core/documents/schema-issues.ts";
import { type Diagnostic, describeError, InvalidArgumentError } from "../../../core/errors.ts";
import { type CustomFile, customFileSchema } from "../schema/schema.ts";
import { checkNodes } from "./node-rules.ts";
import { checkRequests } from "./request-rules.ts";
import { escapeTemplate } from "./template.ts";

const code = "protocol-file";

/** A file that a description names stands in results and goes to every client process. */
const largestFileBytes = 1_048_576;

/** Where a description stands. */
export interface FilePlace {
  /** Its name, as diagnostics have it. */
  readonly file: string;
  /** Relative paths in it count from here. */
  readonly folder: string;
}

/** Where a group's parts stand, for whoever has to mend them: "etcd.yaml:22". */
export interface GroupPlaces {
  readonly program: string;
  readonly ports: string;
  readonly values: string;
}

/**
 * Reads the text of a description: with all that it names taken into it, and places of its groups by role; or all that
 * is wrong, each with its line.
 */
export function parseDescription(text: string, { file: name, folder }: FilePlace) {
  const check = (value: unknown) => schemaDiagnostics(customFileSchema(), value);
  const read = readDescribedFile(text, { file: name, code, check });
  if (read.value === undefined) return { diagnostics: read.diagnostics };
  const found: SchemaDiagnostic[] = [];
  const refuse: Refuse = (path, message) => found.push({ path, message });
  const value = takeIn(read.value, folder, refuse);
  checkRules(value, refuse);
  const diagnostics = [
    ...read.diagnostics,
    ...found.map(({ path, message }) => read.diagnostic(path, message)),
  ];
  if (diagnostics.length > 0) return { diagnostics };
  // Nothing but what the schema allows is left.
  const file = value as CustomFile;
  const places = file.nodes.map(({ role }, at): [string, GroupPlaces] => {
    const placeOf = (part: string) => read.placeOf(["nodes", at, part]);
    return [role, { program: placeOf("program"), ports: placeOf("ports"), values: placeOf("values") }];
  });
  return { file, diagnostics, places: Object.fromEntries(places) };
}

/** All that is wrong with a definition, which is a file with all that it names taken into it. */
export function definitionDiagnostics(definition: unknown): Diagnostic[] {
  const endless = findTooDeep(definition);
  if (endless !== undefined) return [{ code, message: "definition: is nested too deep." }];
  const diagnostics = [...schemaDiagnostics(customFileSchema(), definition)];
  const refuse: Refuse = (path, message) => diagnostics.push({ path, message });
  checkRules(definition, refuse);
  refuseNamedFiles(definition, refuse);
  return diagnostics.map(({ path, message }) => ({
    code,
    message: `${["definition", ...path].join("/")}: ${message}.`,
  }));
}

function refuseNamedFiles(definition: unknown, refuse: Refuse): void {
  for (const [place, group] of listIn(definition, "nodes").entries()) {
    for (const [at, file] of listIn(group, "files").entries()) {
      if ("content" in tableIn(file)) continue;
      refuse(["nodes", place, "files", at], "content is missing; a definition names no other files");
    }
  }
}

function checkRules(value: unknown, refuse: Refuse): void {
  checkNodes(value, refuse);
  checkRequests(value, refuse);
}

/** Paths of programs become absolute, and files that are named become their content. */
function takeIn(value: unknown, folder: string, refuse: Refuse): unknown {
  const nodes = listIn(value, "nodes").map((group, place) => {
    const program = tableIn(group, "program");
    const binary = textIn(program, "binary");
    const files = listIn(group, "files").map((file, at) =>
      takeInFile(file, folder, (path, message) => refuse(["nodes", place, "files", at, ...path], message)),
    );
    return {
      ...tableIn(group),
      ...(binary?.includes("/") ? { program: { ...program, binary: resolve(folder, binary) } } : {}),
      ...(files.length > 0 ? { files } : {}),
    };
  });
  return nodes.length > 0 ? { ...tableIn(value), nodes } : value;
}

/** Devices and pipes have no end, or none that comes. */
function readRegular(path: string): Buffer {
  const opened = openSync(path, neverWaiting);
  try {
    const found = fstatSync(opened);
    if (!found.isFile()) throw new InvalidArgumentError("it is not a file");
    if (found.size > largestFileBytes) {
      throw new InvalidArgumentError(`it has ${found.size} bytes, more than ${largestFileBytes}`);
    }
    return readFileSync(opened);
  } finally {
    closeSync(opened);
  }
}

function takeInFile(file: unknown, folder: string, refuse: Refuse): unknown {
  const [key = "", ...more] = ["content", "template", "copy"].filter((name) => name in tableIn(file));
  const name = textIn(file, key);
  // Which of several is meant, a rule asks.
  if (key === "content" || name === undefined || more.length > 0) return file;
  const { [key]: _, ...others } = tableIn(file);
  try {
    const content = new TextDecoder("utf-8", { fatal: true }).decode(readRegular(resolve(folder, name)));
    return { ...others, content: key === "copy" ? escapeTemplate(content) : content };
  } catch (error) {
    const reason = `${name} cannot be read: ${describeError(error)}`;
    refuse([key], `${key}: ${reason}. Name a text file, relative to this file's folder`);
    return file;
  }
}
