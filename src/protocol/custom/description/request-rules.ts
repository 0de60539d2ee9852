import { listIn, type Refuse, tableIn, textIn } from "../../../core/documents/loose.ts";
import type { Path } from "../../../core/documents/schema-issues.ts";
import { isCommittee, nodeTexts, type PlacedText } from "./loose.ts";
import { templateDiagnostics, templateVariables } from "./template.ts";
import { cursorVariables, pathVariables, planesOf, transactionVariables } from "./variables.ts";

type Table = ReturnType<typeof tableIn>;

/** What no schema says of options, requests, who makes the load, and what is seen of the committee. */
export function checkRequests(file: unknown, refuse: Refuse): void {
  checkOptions(file, refuse);
  checkPlainRequest(tableIn(file, "health"), ["health"], refuse);
  checkTransaction(file, refuse);
  checkCommits(tableIn(file, "commits"), refuse);
  checkLoad(file, refuse);
  for (const path of portPlaces) checkPort(file, path, refuse);
}

function checkOptions(file: unknown, refuse: Refuse): void {
  for (const [name, entry] of Object.entries(tableIn(file, "options"))) {
    const option = tableIn(entry);
    const complaint =
      kindComplaint(option) ?? valueComplaint(option, "default") ?? valueComplaint(option, "remote-default");
    if (complaint !== undefined) refuse(["options", name], `${name}: ${complaint}`);
  }
}

/** What goes with the kind of the default, a number or a text. */
function kindComplaint(option: Table): string | undefined {
  const { default: given, "remote-default": remote = given, from, to, choices } = option;
  if (typeof given !== typeof remote) return "its remote-default has a different type than its default";
  if (typeof given === "string" && (from !== undefined || to !== undefined)) {
    return "from and to are for numbers; its default is text";
  }
  if (typeof given === "number" && choices !== undefined) {
    return "choices are for text; its default is a number (put it in quotes)";
  }
  return undefined;
}

function valueComplaint(option: Table, key: string): string | undefined {
  const { [key]: given, from, to, choices } = option;
  if (typeof given === "string" && Array.isArray(choices) && !choices.includes(given)) {
    return `its ${key}, ${given}, is not one of its choices`;
  }
  if (typeof given !== "number") return undefined;
  if (typeof from === "number" && given < from) return `its ${key}, ${given}, is below ${from}`;
  return typeof to === "number" && given > to ? `its ${key}, ${given}, is above ${to}` : undefined;
}

/** A request has at most one body, and a GET none. */
function checkBodies(request: Table, path: Path, refuse: Refuse): void {
  if ("body" in request && "json" in request) refuse([...path, "json"], "give body or json, not both");
  if (("body" in request || "json" in request) && textIn(request, "method") === "GET") {
    refuse([...path, "method"], "method: a GET has no body; remove the method, or write POST");
  }
}

/** One without variables. */
function checkPlainRequest(request: Table, path: Path, refuse: Refuse): void {
  checkBodies(request, path, refuse);
  checkTexts([...pathTexts(request, path), ...bodyTexts(request, path)], [], refuse);
}

function checkTexts(texts: readonly PlacedText[], allowed: readonly string[], refuse: Refuse): void {
  for (const { path, text } of texts) {
    for (const message of templateDiagnostics(text, allowed)) refuse(path, message);
  }
}

function pathTexts(request: Table, path: Path): PlacedText[] {
  const text = textIn(request, "path");
  return text === undefined ? [] : [{ path: [...path, "path"], text }];
}

/** The texts of a body that may hold variables, also those deep in its JSON. */
function bodyTexts({ body, json }: Table, path: Path): PlacedText[] {
  return [
    ...(typeof body === "string" ? [{ path: [...path, "body"], text: body }] : []),
    ...deepTexts(json, [...path, "json"]),
  ];
}

function deepTexts(value: unknown, path: Path): PlacedText[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    if (Array.isArray(value)) return deepTexts(part, [...path, Number(key)]);
    const at = [...path, key];
    return [{ path: at, text: key }, ...deepTexts(part, at)];
  });
}

function variablesIn(texts: readonly { readonly text: string }[]): string[] {
  return texts.flatMap(({ text }) => templateVariables(text));
}

function checkTransaction(file: unknown, refuse: Refuse): void {
  const path = ["transaction"];
  const transaction = tableIn(file, "transaction");
  if (Object.keys(transaction).length === 0) return;
  checkBodies(transaction, path, refuse);
  const inPath = pathTexts(transaction, path);
  const inBody = bodyTexts(transaction, path);
  checkTexts(inBody, transactionVariables, refuse);
  checkTexts(inPath, pathVariables, refuse);
  if (!("body" in transaction || "json" in transaction)) {
    refuse(path, "transaction: body or json is missing");
    return;
  }
  const used = new Set(
    variablesIn([...inBody, ...inPath]).map((name) => name.replace(/\.(text|base64|hex)$/, "")),
  );
  if (!used.has("transaction") && !(used.has("transaction.key") && used.has("transaction.value"))) {
    refuse(
      [...path, "body" in transaction ? "body" : "json"],
      "transaction: its path and body contain neither ${transaction} nor both ${transaction.key} and ${transaction.value}, so its size cannot be set",
    );
  }
}

function checkCommits(commits: Table, refuse: Refuse): void {
  const path = ["commits"];
  const { by, start, subscribe } = commits;
  checkPlainRequest(tableIn(start), [...path, "start"], refuse);
  if (by === "polling") {
    const inPath = pathTexts(commits, path);
    const inBody = bodyTexts(commits, path);
    if (!variablesIn([...inBody, ...inPath]).includes("cursor")) {
      refuse(path, "commits: the request does not contain ${cursor}, so every request would be the same");
    }
    checkBodies(commits, path, refuse);
    checkTexts([...inBody, ...inPath], cursorVariables, refuse);
  }
  if (by === "websocket") {
    const texts = deepTexts(subscribe, [...path, "subscribe"]);
    const hasCursor = variablesIn(texts).includes("cursor");
    if (hasCursor && start === undefined) {
      refuse(path, "commits: start is missing: the first value of ${cursor}");
    }
    if (!hasCursor && start !== undefined) {
      refuse([...path, "start"], "start: is for subscriptions with ${cursor}; remove it");
    }
    checkTexts(pathTexts(commits, path), [], refuse);
    checkTexts(texts, cursorVariables, refuse);
  }
}

/** Baleen sends transactions, or the nodes make the load themselves. */
function checkLoad(file: unknown, refuse: Refuse): void {
  const table = tableIn(file);
  if (!("load" in table)) {
    // A file that says nothing at all is told so already.
    if ("transaction" in table || Object.keys(table).length === 0) return;
    refuse([], "transaction is missing: how to send one (or load, if the nodes generate it themselves)");
    return;
  }
  for (const key of ["transaction", "commits"].filter((one) => one in table)) {
    refuse([key], `${key}: the nodes generate the load, so nothing is sent; remove it, or remove load`);
  }
  if ("metrics" in table) refuse(["metrics"], "metrics: name them under load.keep; remove this key");
  checkEvents(tableIn(file, "load"), refuse);
  if (!isRateReported(file)) {
    refuse(
      ["load"],
      "load: no command, environment or file of the committee contains ${load.rate} or ${load.node-rate}, so its nodes would not know their load",
    );
  }
}

function checkEvents(load: Table, refuse: Refuse): void {
  const events = tableIn(load, "events");
  if (events.from === "sink" && !("status" in load)) {
    refuse(["load"], "status: is missing, and with it the names of the nodes' streams at the sink");
  }
  if (events.from !== "http") return;
  const texts = pathTexts(events, ["load", "events"]);
  const isViaAny = events.via === "any";
  checkTexts(texts, isViaAny ? [...cursorVariables, "node"] : cursorVariables, refuse);
  if (isViaAny && !variablesIn(texts).includes("node")) {
    refuse(
      ["load", "events", "path"],
      "path: does not contain ${node}, so nobody would know whose events are meant",
    );
  }
  if (!variablesIn(texts).includes("cursor")) {
    refuse(
      ["load", "events", "path"],
      "path: does not contain ${cursor}, the byte to begin with, so every request would be the same",
    );
  }
}

function isRateReported(file: unknown): boolean {
  const used = variablesIn(listIn(file, "nodes").filter(isCommittee).flatMap(nodeTexts));
  return used.includes("load.rate") || used.includes("load.node-rate");
}

/** Sections that name a port of the committee. */
const portPlaces = [["metrics"], ["load"], ["load", "events"], ["load", "status"], ["load", "metrics"]];

function checkPort(file: unknown, path: Path, refuse: Refuse): void {
  const section = path.reduce<unknown>((found, key) => tableIn(found)[key], file);
  const port = textIn(section, "port");
  const committee = listIn(file, "nodes").find(isCommittee);
  if (port === undefined || committee === undefined || planesOf(committee).includes(port)) return;
  refuse([...path, "port"], `port: the committee has no port ${port}; add it to its ports`);
}
