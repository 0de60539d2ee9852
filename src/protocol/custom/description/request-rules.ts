import type { SchemaDiagnostic } from "../../../core/documents/schema-issues.ts";
import { loadDiagnostics } from "./load-rules.ts";
import { tableIn, textIn } from "./loose.ts";
import { templateDiagnostics, templateVariables } from "./template.ts";
import { cursorVariables, type Outline, pathVariables, transactionVariables } from "./variables.ts";

type Path = readonly (string | number)[];

/** What no schema says of options, requests, and what is seen of the committee. */
export function requestDiagnostics(file: unknown, outline: Outline): SchemaDiagnostic[] {
  return [
    ...optionDiagnostics(file),
    ...bodyDiagnostics(tableIn(file, "health"), ["health"], []),
    ...transactionDiagnostics(file),
    ...commitDiagnostics(file),
    ...loadDiagnostics(file),
    ...["metrics", "load"].flatMap((section) => portDiagnostics(file, section, outline)),
  ];
}

function optionDiagnostics(file: unknown): SchemaDiagnostic[] {
  return Object.entries(tableIn(file, "options")).flatMap(([name, entry]) => {
    const option = tableIn(entry);
    const complaint =
      kindComplaint(option) ??
      ["default", "remote-default"]
        .map((key) => valueComplaint(option, key))
        .find((each) => each !== undefined);
    return complaint === undefined ? [] : [{ path: ["options", name], message: `${name}: ${complaint}` }];
  });
}

/** What goes with the kind of the default, a number or a text. */
function kindComplaint(option: ReturnType<typeof tableIn>): string | undefined {
  const { default: given, "remote-default": remote = given, from, to, choices } = option;
  if (typeof given !== typeof remote) return "its remote-default is of another kind than its default";
  if (typeof given === "string" && (from !== undefined || to !== undefined)) {
    return "from and to are for numbers; its default is a text";
  }
  if (typeof given === "number" && choices !== undefined) {
    return "choices are for texts; its default is a number (put it in quotes)";
  }
  return undefined;
}

function valueComplaint(option: ReturnType<typeof tableIn>, key: string): string | undefined {
  const { [key]: given, from, to, choices } = option;
  if (typeof given === "string" && Array.isArray(choices) && !choices.includes(given)) {
    return `its ${key}, ${given}, is none of its choices`;
  }
  if (typeof given !== "number") return undefined;
  if (typeof from === "number" && given < from) return `its ${key}, ${given}, is below ${from}`;
  return typeof to === "number" && given > to ? `its ${key}, ${given}, is above ${to}` : undefined;
}

/** A request has at most one body, a GET none, and only known variables. */
function bodyDiagnostics(request: unknown, path: Path, allowed: readonly string[]): SchemaDiagnostic[] {
  const keys = ["body", "json"].filter((key) => key in tableIn(request));
  const diagnostics: SchemaDiagnostic[] = [];
  if (keys.length === 2)
    diagnostics.push({ path: [...path, "json"], message: "give body or json, not both" });
  if (keys.length > 0 && textIn(request, "method") === "GET") {
    const message = "method: a GET has no body; leave the method out, or write POST";
    diagnostics.push({ path: [...path, "method"], message });
  }
  return [
    ...diagnostics,
    ...pathDiagnostics(request, path),
    ...bodyTexts(request, path).flatMap((each) => check(each, allowed)),
  ];
}

function check({ path, text }: { path: Path; text: string }, allowed: readonly string[]): SchemaDiagnostic[] {
  return templateDiagnostics(text, allowed).map((message) => ({ path, message }));
}

/** Every request of one kind goes to one path, unless it asks for commits. */
function pathDiagnostics(request: unknown, path: Path, allowed: readonly string[] = []): SchemaDiagnostic[] {
  const text = textIn(request, "path");
  return text === undefined ? [] : check({ path: [...path, "path"], text }, allowed);
}

/** The texts of a body that may hold variables, also those deep in its JSON. */
function bodyTexts(request: unknown, path: Path): { path: Path; text: string }[] {
  const { body, json } = tableIn(request);
  return [
    ...(typeof body === "string" ? [{ path: [...path, "body"], text: body }] : []),
    ...deepTexts(json, [...path, "json"]),
  ];
}

function deepTexts(value: unknown, path: Path): { path: Path; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    if (Array.isArray(value)) return deepTexts(part, [...path, Number(key)]);
    const at = [...path, key];
    return [{ path: at, text: key }, ...deepTexts(part, at)];
  });
}

function variablesIn(texts: readonly { text: string }[]): string[] {
  return texts.flatMap(({ text }) => templateVariables(text));
}

function transactionDiagnostics(file: unknown): SchemaDiagnostic[] {
  const path = ["transaction"];
  const transaction = tableIn(file, "transaction");
  const diagnostics = [
    ...bodyDiagnostics({ ...transaction, path: undefined }, path, transactionVariables),
    ...pathDiagnostics(transaction, path, pathVariables),
  ];
  const hasBody = "body" in transaction || "json" in transaction;
  if (textIn(file, "transaction") !== undefined || Object.keys(transaction).length === 0) return diagnostics;
  if (!hasBody) return [...diagnostics, { path, message: "transaction: body or json is missing" }];
  const texts = [...bodyTexts(transaction, path), { text: textIn(transaction, "path") ?? "" }];
  const used = new Set(variablesIn(texts).map((name) => name.replace(/\.(text|base64|hex)$/, "")));
  if (!used.has("transaction") && !(used.has("transaction.key") && used.has("transaction.value"))) {
    const message =
      "transaction: its path and body hold neither ${transaction} nor both ${transaction.key} and ${transaction.value}, so that it would not be as large as was asked for";
    diagnostics.push({ path: [...path, "body" in transaction ? "body" : "json"], message });
  }
  return diagnostics;
}

function commitDiagnostics(file: unknown): SchemaDiagnostic[] {
  const commits = tableIn(file, "commits");
  const path = ["commits"];
  const { by, start, subscribe } = commits;
  const diagnostics = bodyDiagnostics(start, [...path, "start"], []);
  if (by === "polling") {
    const texts = bodyTexts(commits, path);
    const where = textIn(commits, "path") ?? "";
    if (!variablesIn([...texts, { text: where }]).includes("cursor")) {
      const message = "commits: the request holds no ${cursor}, so that it would always ask for the same";
      diagnostics.push({ path, message });
    }
    return [
      ...diagnostics,
      ...bodyDiagnostics({ ...commits, path: undefined }, path, cursorVariables),
      ...pathDiagnostics(commits, path, cursorVariables),
    ];
  }
  if (by !== "websocket") return diagnostics;
  const texts = deepTexts(subscribe, [...path, "subscribe"]);
  const hasCursor = variablesIn(texts).includes("cursor");
  if (hasCursor && start === undefined) {
    diagnostics.push({ path, message: "commits: start is missing: where ${cursor} begins" });
  }
  if (!hasCursor && start !== undefined) {
    const message = "start: is for subscriptions with ${cursor}; leave it out";
    diagnostics.push({ path: [...path, "start"], message });
  }
  return [
    ...diagnostics,
    ...pathDiagnostics(commits, path),
    ...texts.flatMap((each) => check(each, cursorVariables)),
  ];
}

function portDiagnostics(file: unknown, section: string, { groups }: Outline): SchemaDiagnostic[] {
  const port = textIn(tableIn(file, section), "port");
  const places = Array.isArray(tableIn(file).nodes) ? (tableIn(file).nodes as readonly unknown[]) : [];
  const committee = groups[places.findIndex((group) => !("count" in tableIn(group)))];
  if (port === undefined || committee === undefined || committee.planes.some((plane) => plane === port))
    return [];
  const message = `port: the committee has no port ${port}; add it to its ports`;
  return [{ path: [section, "port"], message }];
}
