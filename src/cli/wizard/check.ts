import { homedir } from "node:os";
import type { SweepParameters } from "../../contracts/parameters.ts";
import { readText } from "../../core/documents/read-text.ts";
import type { Diagnostic } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { numberedVariable } from "../../options/hosts/variables.ts";
import { eachOnce } from "../../run/prepare/preflight.ts";
import { checkSweeps } from "../../run/prepare/sweeps.ts";
import { environmentName } from "../options/option.ts";
import { type GatheredOptions, gatherOptions } from "../options/sources.ts";
import { type Answers, buildArgv } from "./answers.ts";
import { meaningfulOptions } from "./asked.ts";
import type { WizardSetting } from "./setting.ts";

export interface CheckOptions extends Pick<WizardSetting, "table" | "backend"> {
  readonly context: Pick<WizardSetting["context"], "env">;
  /** Texts of files that are not written yet, by their paths. */
  readonly files?: ReadonlyMap<string, string> | undefined;
}

/** Answers, as a benchmark would take them. */
export interface CheckedAnswers {
  /** The flags that say the same. */
  readonly argv: readonly string[];
  /** Variables of the environment that would be in their way. */
  readonly unset: readonly string[];
  readonly request: GatheredOptions;
  /** One sweep, or one on each network. */
  readonly parameters: readonly SweepParameters[];
  /** Each once. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Checks answers by what checks the flags of a benchmark. Reads the files that they name; starts nothing. */
export function checkAnswers(
  answers: Answers,
  { table, context, backend, files }: CheckOptions,
): CheckedAnswers {
  const { env } = context;
  const said = new Set(table.filter((option) => env[environmentName(option)]).map(({ name }) => name));
  const argv = buildArgv(answers, meaningfulOptions(answers, table), said);
  const unset = answers.has("hosts") ? hostVariables(env) : [];
  const isLeft = ([name]: readonly [string, unknown]) => !name.startsWith("BALEEN_") && !unset.includes(name);
  const request = gatherOptions("benchmark", {
    argv,
    env: Object.fromEntries(Object.entries(env).filter(isLeft)),
    readFile: (path) => files?.get(path) ?? readText(path),
    home: homedir(),
  });
  const { parameters, diagnostics } = checkSweeps(request, backend);
  const all = eachOnce([...request.diagnostics, ...diagnostics]);
  return { argv, unset, request, parameters, diagnostics: all };
}

/** Variables that describe hosts: beside a file of hosts they would count too, or be refused. */
export function hostVariables(env: Environment): readonly string[] {
  return Object.keys(env).filter((name) => numberedVariable.test(name) && env[name]);
}

/** What an answer to one question brings about; that there are too few hosts shows once they were asked for. */
export function diagnosticsOfAnswer(
  name: string,
  answers: Answers,
  options: CheckOptions,
): readonly Diagnostic[] {
  const others = new Map([...answers].filter(([other]) => other !== name));
  const before = new Set(checkAnswers(others, options).diagnostics.map(({ message }) => message));
  return checkAnswers(answers, options).diagnostics.filter(
    ({ code, message }) => code !== "too-few-hosts" && !before.has(message),
  );
}
