import type { Diagnostic } from "../../core/errors.ts";
import { nearestName, suggestion } from "../../core/text/nearest.ts";
import type { Given } from "../rules/rule.ts";
import type { DescribedHost, HostFields, HostSources } from "./description.ts";
import { parseDotenv } from "./dotenv.ts";

/** The parts of a variable's name behind MYSTICETI_NODE0_ or CLIENT0_, and what they say. */
const variableFields = {
  HOST: "address",
  SSH_PORT: "port",
  SSH_USER: "user",
  SSH_KEY: "keyFile",
  SSH_JUMP: "jump",
  PRIVATE_HOST: "privateAddress",
  REGION: "region",
} as const;

export const numberedVariable = /^(MYSTICETI_NODE|CLIENT)(0|[1-9]\d{0,2})_(\w+)$/;
export const mostNodes = 128;

export interface Variables {
  readonly variables: ReadonlyMap<string, Given>;
  readonly diagnostics: readonly Diagnostic[];
  /** Of variables that are nearly those of hosts for clients; no matter where there are none. */
  readonly clientDiagnostics: readonly Diagnostic[];
}

export const noVariables: Variables = { variables: new Map(), diagnostics: [], clientDiagnostics: [] };

const clientVariable = /^CLIENT_?(\d{1,3})_(\w+)$/;

function isKnown(name: string): boolean {
  const [, kind, number, suffix] = numberedVariable.exec(name) ?? [];
  if (number === undefined || suffix === undefined) {
    return name === "SSH_TIMEOUT" || name === "MYSTICETI_KNOWN_HOSTS";
  }
  const isForNodes = suffix === "PRIVATE_HOST" && kind === "CLIENT";
  return Number(number) < mostNodes && Object.hasOwn(variableFields, suffix) && !isForNodes;
}

/** " Did you mean …?": the number of a misspelt name is kept. */
function suggestVariable(name: string): string {
  const [, client, field] = clientVariable.exec(name) ?? [];
  if (client !== undefined && field !== undefined) {
    if (field === "PRIVATE_HOST") return " Only hosts with nodes have a private address.";
    if (Number(client) >= mostNodes) return ` Hosts for clients are numbered from 0 to ${mostNodes - 1}.`;
    const known = Object.keys(variableFields).filter((key) => key !== "PRIVATE_HOST");
    const near = nearestName(field, known);
    return near === undefined ? "" : ` Did you mean CLIENT${Number(client)}_${near}?`;
  }
  const [, number, suffix] = /^MYSTICETI_?NODE_?(\d{1,3})_?(\w*)$/.exec(name) ?? [];
  if (number === undefined || suffix === undefined) {
    return suggestion(name, ["SSH_TIMEOUT", "MYSTICETI_KNOWN_HOSTS"]);
  }
  if (Number(number) >= mostNodes) return ` Nodes are numbered from 0 to ${mostNodes - 1}.`;
  const near = nearestName(suffix, Object.keys(variableFields));
  return near === undefined ? "" : ` Did you mean MYSTICETI_NODE${Number(number)}_${near}?`;
}

/** Only what is nearly one of our names is a diagnostic: other programs have variables too. */
export function readEnvironment(environment: HostSources["environment"]): Variables {
  const variables = new Map<string, Given>();
  const diagnostics: Diagnostic[] = [];
  const clientDiagnostics: Diagnostic[] = [];
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined || value === "") continue;
    if (isKnown(name)) variables.set(name, { name, value, rank: 1 });
    else if (name.startsWith("MYSTICETI_") || clientVariable.test(name)) {
      const remedy = suggestVariable(name);
      if (remedy === "") continue;
      const list = clientVariable.test(name) ? clientDiagnostics : diagnostics;
      list.push({ code: "unknown-variable", message: `${name}: no such environment variable.${remedy}` });
    }
  }
  return { variables, diagnostics, clientDiagnostics };
}

export function readLines(path: string, text: string): Variables {
  const { assignments, diagnostics } = parseDotenv(text, path);
  const variables = new Map<string, Given>();
  const unknown: Diagnostic[] = [];
  const clientDiagnostics: Diagnostic[] = [];
  for (const { name, value, line } of assignments) {
    const place = `${name} in ${path}:${line}`;
    const remedy = isKnown(name) ? "" : suggestVariable(name);
    if (isKnown(name)) {
      if (value === "") variables.delete(name);
      else variables.set(name, { name: place, value, rank: 2 });
    } else if (name.startsWith("MYSTICETI_") || clientVariable.test(name) || remedy !== "") {
      const message = `${place}: no such key.${remedy || " See hosts.example.env for the keys."}`;
      const list = clientVariable.test(name) ? clientDiagnostics : unknown;
      list.push({ code: "unknown-variable", message });
    }
  }
  return { variables, diagnostics: [...diagnostics, ...unknown], clientDiagnostics };
}

/** @param kind what stands before the number */
function byNumber(
  variables: ReadonlyMap<string, Given>,
  kind: "MYSTICETI_NODE" | "CLIENT",
): readonly (readonly [number, HostFields])[] {
  const found = new Map<number, HostFields>();
  for (const [name, given] of variables) {
    const [, before, digits, suffix] = numberedVariable.exec(name) ?? [];
    if (suffix === undefined || before !== kind) continue;
    const field = variableFields[suffix as keyof typeof variableFields];
    found.set(Number(digits), { ...found.get(Number(digits)), [field]: given });
  }
  return [...found].sort(([a], [b]) => a - b);
}

export function nodesByNumber(variables: ReadonlyMap<string, Given>, below: number): DescribedHost[] {
  const numbered = byNumber(variables, "MYSTICETI_NODE").filter(([number]) => number < below);
  return numbered.map(([number, fields]) => {
    const nodes = { name: `MYSTICETI_NODE${number}_HOST`, value: [number], rank: 3 };
    const place = fields.address?.name ?? nodes.name;
    return { place, fallbackName: `host${number}`, fields: { ...fields, nodes } };
  });
}

/** Hosts for clients alone. */
export function clientsByNumber(variables: ReadonlyMap<string, Given>): DescribedHost[] {
  return byNumber(variables, "CLIENT").map(([number, fields]) => {
    const place = fields.address?.name ?? `CLIENT${number}_HOST`;
    return { place, fallbackName: `client-host${number}`, fields };
  });
}

export function withoutAddress({ place, fields }: DescribedHost): Diagnostic[] {
  const [first] = Object.entries(fields).filter(([name]) => name !== "nodes");
  if (fields.address !== undefined || first === undefined) return [];
  const lacking = fields.nodes === undefined ? "this client host has no address" : "this node has no host";
  const message = `${first[1].name}: ${lacking}. Set ${place} too, or remove this.`;
  return [{ code: "host-missing", message }];
}
