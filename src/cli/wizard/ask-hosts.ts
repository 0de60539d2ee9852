/** Where the hosts of a remote network come from, each connected to before it is taken. */
import { existsSync } from "node:fs";
import type { Diagnostic } from "../../core/errors.ts";
import type { Option } from "../options/option.ts";
import { type Answers, withAnswer } from "./answers.ts";
import { askOption } from "./ask-option.ts";
import { type CheckedAnswers, checkAnswers, hostVariables } from "./check.ts";
import { lookAtHosts } from "./look-at-hosts.ts";
import { notify, reportDiagnostics, type WizardSetting } from "./setting.ts";
import { type DescribedHosts, formatHostsFile, type TypedHost, typeHosts } from "./type-hosts.ts";

/** Stands for the file of hosts that were typed in, until it has a name. */
export const typedHostsFile = "hosts.yaml";

export interface WizardState {
  readonly answers: Answers;
  /** Hosts that were typed in, and stand in no file yet. */
  readonly typed?: readonly TypedHost[] | undefined;
}

/** Checks all that was answered, hosts that were typed in as the file that they will stand in. */
export function checkState({ answers, typed }: WizardState, setting: WizardSetting): CheckedAnswers {
  const checked = checkAnswers(answers, setting);
  if (typed === undefined) return checked;
  const file = formatHostsFile(typed, remoteOf(checked)?.committee ?? 1);
  const all = withAnswer(answers, "hosts", [typedHostsFile]);
  return checkAnswers(all, { ...setting, files: new Map([[typedHostsFile, file]]) });
}

function remoteOf({ parameters }: CheckedAnswers) {
  return parameters.find(({ remote }) => remote !== undefined);
}

/** Asks how the hosts are given until all of them can hold nodes. */
export async function askHosts(state: WizardState, setting: WizardSetting): Promise<WizardState> {
  for (;;) {
    const next = await askOnce(state, setting);
    if (next !== undefined) return next;
  }
}

/** @returns undefined where they are to be given in another way */
async function askOnce(state: WizardState, setting: WizardSetting): Promise<WizardState | undefined> {
  const way = await chooseWay(state, setting);
  const answers = withAnswer(state.answers, "hosts", []);
  if (way === "typed") {
    const most = remoteOf(checkState({ answers }, setting))?.committee ?? 1;
    const remoteWith = (hosts: readonly TypedHost[]) => describe({ answers, typed: hosts }, setting);
    const typed = await typeHosts(state.typed ?? [], most, { setting, remoteWith });
    return typed === undefined ? undefined : { answers, typed };
  }
  const next = way === "file" ? { answers: await askFile(state.answers, setting) } : { answers };
  const described = describe(next, setting);
  reportDiagnostics(setting.context, described.diagnostics);
  if (described.remote === undefined) return undefined;
  for (;;) {
    if ((await lookAtHosts(described.remote, setting)).length === 0) return next;
    const other = "Enter the hosts in another way";
    const choices = ["Check them again", other].map((value) => ({ value, name: value }));
    if ((await setting.dialogue.choose("Not all hosts are ready:", { choices })) === other) return undefined;
  }
}

/** The hosts that the answers describe. */
function describe(state: WizardState, setting: WizardSetting): DescribedHosts {
  const checked = checkState(state, setting);
  const remote = remoteOf(checked)?.remote;
  if (remote !== undefined && remote.hosts.length > 0) return { remote, diagnostics: [] };
  return { diagnostics: checked.diagnostics };
}

/** @returns "environment", "typed" or "file" */
async function chooseWay(
  { answers, typed }: WizardState,
  { dialogue, context }: WizardSetting,
): Promise<string> {
  const found = hostVariables(context.env).filter((name) => /^MYSTICETI_NODE\d+_HOST$/.test(name));
  const more = found.length > 1 ? ` and ${found.length - 1} more` : "";
  const environment = { value: "environment", name: `the environment (${found[0]}${more})` };
  const choices = [
    ...(found.length === 0 ? [] : [environment]),
    { value: "typed", name: "typed in one by one" },
    { value: "file", name: "a file of hosts" },
  ];
  const isFile = answers.has("hosts") || findHostsFile() !== undefined;
  const usual = typed !== undefined ? "typed" : isFile ? "file" : undefined;
  return await dialogue.choose("Hosts: where are they described?", { choices, usual });
}

async function askFile(answers: Answers, setting: WizardSetting): Promise<Answers> {
  const option = setting.table.find(({ name }) => name === "hosts") as Option;
  const missing: Diagnostic = { code: "hosts-file", message: "Enter the path of a hosts file." };
  const check = (next: Answers) =>
    next.has("hosts") ? describe({ answers: next }, setting).diagnostics : [missing];
  notify(setting.context, "hosts.example.env in this package is an example.");
  return await askOption(option, answers, { check, usual: findHostsFile() }, setting);
}

/** One that is there: of test hosts, or by the name that the pages have for it. */
function findHostsFile(): string | undefined {
  return ["testbed.env", "hosts.env", "hosts.yaml"].find((path) => existsSync(path));
}
