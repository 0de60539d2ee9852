import { expectedTestId, isTestId } from "../../contracts/peer-tests/names.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { defaultParameters } from "../../options/defaults.ts";
import { number } from "../../options/rules/number.ts";
import {
  boolean,
  choice,
  type Given,
  openReader,
  path,
  type Reader,
  type Rule,
  text,
  valueRule,
} from "../../options/rules/rule.ts";
import { rules } from "../../options/rules/rules.ts";
import { clientOriginRule } from "./client-origin.ts";
import { dashboardRule, port } from "./dashboard.ts";

/** What was given for a command, and who is told what is wrong with it. */
export interface GivenReader extends Reader {
  /** By camel-case name. */
  readonly given: Readonly<Record<string, Given>>;
}

/** It becomes a part of names of containers and files. */
export const testbedName = valueRule({
  expected: "1 to 20 lower-case letters, digits and hyphens",
  schema: { type: "string", pattern: "^[a-z0-9-]{1,20}$" },
  parse: (value) => {
    const name = typeof value === "number" ? String(value) : value;
    return typeof name === "string" && /^[a-z0-9-]{1,20}$/.test(name) ? name : undefined;
  },
});

/** It stands in addresses and cookies. */
const tokenRule = valueRule({
  expected: "16 to 200 letters, digits and . _ ~ -",
  schema: { type: "string", pattern: "^[A-Za-z0-9._~-]{16,200}$" },
  hidden: true,
  parse: (value) => (typeof value === "string" && /^[\w.~-]{16,200}$/.test(value) ? value : undefined),
});

/** A day counts from its beginning. @returns RFC 3339 UTC */
const dateRule = valueRule({
  expected: "a date such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z",
  schema: { type: "string" },
  parse: (value) =>
    typeof value === "string" &&
    /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(value) &&
    !Number.isNaN(Date.parse(value))
      ? new Date(value).toISOString()
      : undefined,
});

const testIdRule = valueRule({
  expected: expectedTestId,
  schema: { type: "string" },
  parse: (value) => (typeof value === "string" && isTestId(value) ? value : undefined),
});

const httpUrl = valueRule({
  expected: "an http or https URL",
  schema: { type: "string" },
  parse: (value) =>
    typeof value === "string" && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol)
      ? value.replace(/\/+$/, "")
      : undefined,
});

/** Rules of options that are no parameters of a sweep. */
export const ownRules = {
  consoleOutput: boolean,
  brief: boolean,
  json: boolean,
  yes: boolean,
  run: text("a run's id", 64),
  images: boolean,
  follow: boolean,
  peers: rules.committee,
  preset: rules.timeline,
  tail: number({ unit: "lines", whole: true, atLeast: 1, atMost: 1_000_000 }),
  bundle: path,
  count: number({ unit: "hosts", whole: true, atLeast: 1, atMost: 16 }),
  docker: boolean,
  hostsFile: path,
  resume: path,
  explainLinks: boolean,
  turns: boolean,
  at: text("a time such as 12s", 20),
  probe: boolean,
  minEffect: number({ unit: "percent", atLeast: 0, atMost: 1000 }),
  calibration: path,
  allowDifferent: text("names of parameters, separated by commas,", 4096),
  junit: path,
  markdown: path,
  benchJson: path,
  history: path,
  keep: number({ unit: "entries", whole: true, atLeast: 1, atMost: 1_000_000 }),
  before: dateRule,
  html: path,
  csv: path,
  svg: text("a chart's name", 100),
  port,
  listen: text("an address or a host name", 253),
  token: tokenRule,
  eventsDir: path,
  testResultsLocation: path,
  statsServerUrl: text("a URL", 2048),
  clientOrigin: clientOriginRule,
  peerLibrary: text("a version of a package, or a path", 4096),
  routineFile: path,
  imageFile: path,
  routine: text("names of routines, separated by commas,", 1024),
  local: boolean,
  testId: testIdRule,
  resultsServerUrl: httpUrl,
  lighthouseUrl: httpUrl,
  clientUrl: httpUrl,
  dashboard: dashboardRule,
  influx: text("a URL", 2048),
  openmetrics: path,
  monitoring: boolean,
  config: path,
  verbose: boolean,
  quiet: boolean,
  live: boolean,
  logFormat: choice("text", "json"),
  logFile: path,
  help: boolean,
  version: boolean,
} as const;

type OwnRules = typeof ownRules;
type ValueOf<R> = R extends Rule<infer T> ? T : never;

/** Runs a side of a calibration: as many as a verdict on one to three loads takes. */
export const calibratedRuns = 5;

/** Reads options that are no parameters, in the order of `usual`, which says what counts where none or a faulty one was given. */
export function readOwn<U extends { readonly [K in keyof OwnRules]?: ValueOf<OwnRules[K]> | undefined }>(
  { given, read }: Pick<GivenReader, "given" | "read">,
  usual: U,
): { readonly [K in keyof U & keyof OwnRules]: ValueOf<OwnRules[K]> | U[K] } {
  const options = Object.entries(usual).map(([name, fallback]) => [
    name,
    read(ownRules[name as keyof OwnRules] as Rule<unknown>, given[name], fallback),
  ]);
  return Object.fromEntries(options);
}

/** The folder in which bundles are looked for. */
export function readOutputDir({ given, read }: GivenReader): string {
  return read(rules.outputDir, given.outputDir, defaultParameters.outputDir);
}

/** Refuses flags that an action has no use for; from environment and file they may be meant for another one. */
export function refuseUnused(
  { given, diagnostics }: GivenReader,
  names: readonly string[],
  action: string,
): void {
  for (const one of names.map((name) => given[name])) {
    if (one === undefined || one.rank > 0) continue;
    const message = `${one.name}: "${action}" does not use it. Remove it.`;
    diagnostics.push({ code: "unused-option", message });
  }
}

/** How the command line talks; nothing of it changes what is measured. */
export interface Settings {
  /** Standard output is one JSON document. */
  readonly json: boolean;
  /** Results are printed as runs end. */
  readonly consoleOutput: boolean;
  /** Of each run, five lines; undefined: where the terminal has few rows. */
  readonly brief?: boolean | undefined;
  readonly quiet: boolean;
  readonly verbose: boolean;
  /** On a terminal, show how a run goes in lines that are redrawn in place. */
  readonly live: boolean;
  /** Of standard error. */
  readonly logFormat: "text" | "json";
  /** Keeps what --verbose would show. */
  readonly logFile?: string | undefined;
}

/** BALEEN_LOG=debug is --verbose, unless flags say otherwise. */
export function readSettings({ given, diagnostics }: GivenReader, env: Environment): Settings {
  const talk = { json: false, consoleOutput: true, live: true, logFormat: "text" } as const;
  const reader = openReader();
  const usual = { quiet: false, verbose: undefined, logFile: undefined, brief: undefined, ...talk };
  const options = readOwn({ given, ...reader }, usual);
  const { quiet, verbose = env.BALEEN_LOG === "debug" && !quiet } = options;
  const contradiction: Diagnostic = {
    code: "contradiction",
    message: `${given.quiet?.name} and ${given.verbose?.name} contradict each other. Use one of them.`,
  };
  diagnostics.push(...(quiet && verbose ? [contradiction] : []), ...reader.diagnostics);
  return { ...options, verbose: verbose && !quiet };
}
