import type { Diagnostic } from "../../core/errors.ts";
import { defaultParameters } from "../../options/parameters.ts";
import { number } from "../../options/rules/number.ts";
import { boolean, choice, type Given, openReader, path, type Rule, text } from "../../options/rules/rule.ts";
import { rules } from "../../options/rules/rules.ts";

type GivenOptions = Readonly<Record<string, Given>>;

/** Rules of options that are no parameters of a sweep. */
export const ownRules = {
  consoleOutput: boolean,
  json: boolean,
  yes: boolean,
  run: text("a run's id", 64),
  images: boolean,
  follow: boolean,
  tail: number({ unit: "lines", whole: true, atLeast: 1, atMost: 1_000_000 }),
  bundle: path,
  count: number({ unit: "hosts", whole: true, atLeast: 1, atMost: 16 }),
  docker: boolean,
  hostsFile: path,
  resume: path,
  minEffect: number({ unit: "percent", atLeast: 0, atMost: 1000 }),
  calibration: path,
  allowDifferent: text("names of parameters, separated by commas,", 4096),
  junit: path,
  markdown: path,
  benchJson: path,
  config: path,
  verbose: boolean,
  quiet: boolean,
  live: boolean,
  logFormat: choice("text", "json"),
  help: boolean,
  version: boolean,
} as const;

type OwnRules = typeof ownRules;
type ValueOf<R> = R extends Rule<infer T> ? T : never;

/** Runs a side of a calibration: as many as a verdict on one to three loads takes. */
export const calibratedRuns = 5;

/** Reads options that are no parameters, in the order of `usual`, which says what counts where none or a faulty one was given. */
export function readOwn<U extends { readonly [K in keyof OwnRules]?: ValueOf<OwnRules[K]> | undefined }>(
  given: GivenOptions,
  usual: U,
): {
  readonly options: { readonly [K in keyof U & keyof OwnRules]: ValueOf<OwnRules[K]> | U[K] };
  readonly diagnostics: readonly Diagnostic[];
} {
  const { read, diagnostics } = openReader();
  const options = Object.entries(usual).map(([name, fallback]) => [
    name,
    read(ownRules[name as keyof OwnRules] as Rule<unknown>, given[name], fallback),
  ]);
  return { options: Object.fromEntries(options), diagnostics };
}

/** The folder in which bundles are looked for. */
export function readOutputDir(given: GivenOptions): {
  readonly outputDir: string;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { read, diagnostics } = openReader();
  return { outputDir: read(rules.outputDir, given.outputDir, defaultParameters.outputDir), diagnostics };
}

/** Diagnostics for flags that an action has no use for; from environment and file they may be meant for another one. */
export function refuseUnused(
  given: GivenOptions,
  names: readonly string[],
  action: string,
): readonly Diagnostic[] {
  return names.flatMap((name) => {
    const one = given[name];
    if (one === undefined || one.rank > 0) return [];
    const message = `${one.name}: "${action}" has no use for it. Leave it out.`;
    return [{ code: "unused-option", message }];
  });
}
