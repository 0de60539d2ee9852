import { ConfigurationError, type Diagnostic } from "../../../core/errors.ts";
import { nodesMakeLoad } from "../../../options/rules/protocol-choice.ts";
import { openReader } from "../../../options/rules/rule.ts";
import { describeSweep } from "../../../results/report/documents/described-sweep.ts";
import { eachOnce, refuse } from "../../../run/prepare/preflight.ts";
import { chooseSystem } from "../../../run/prepare/system.ts";
import { readSettings } from "../../options/command-options.ts";
import { camelCase, type Option } from "../../options/option.ts";
import { optionsOf } from "../../options/option-table.ts";
import type { Command, CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";
import { DialogueEndedError } from "../../terminal/prompt.ts";
import { type Answers, answersFrom, withAnswer } from "../../wizard/answers.ts";
import { askHosts, checkState, typedHostsFile, type WizardState } from "../../wizard/ask-hosts.ts";
import { askOption, usualOf } from "../../wizard/ask-option.ts";
import { askPorts } from "../../wizard/ask-ports.ts";
import { advancedOptions, basicOptions, meaningfulOptions } from "../../wizard/asked.ts";
import { type CheckedAnswers, diagnosticsOfAnswer } from "../../wizard/check.ts";
import { saveHosts, saveOptions } from "../../wizard/save.ts";
import { notify, reportDiagnostics, type WizardSetting } from "../../wizard/setting.ts";
import { formatCommand, formatOptions } from "../../wizard/texts.ts";
import { formatHostsFile } from "../../wizard/type-hosts.ts";
import { runBenchmark } from "./benchmark.ts";

/** `wizard`: asks for what a benchmark needs, shows it as a command and as a file, and runs it. */
export const runWizard: Command = async (request, context, backend) => {
  const table = optionsOf("wizard");
  const dialogue = backend.openDialogue(context.signal);
  const known = [...request.diagnostics, ...refuseFile(context), ...checkGiven(request, table)];
  if (dialogue === undefined) throw new ConfigurationError(eachOnce([...known, noTerminal]));
  refuse(known);
  try {
    return await converse(request, { dialogue, context, backend, table });
  } catch (error) {
    if (!(error instanceof DialogueEndedError)) throw error;
    notify(context, "Left with Ctrl-D. Nothing was started.");
    return 130;
  }
};

const noTerminal: Diagnostic = {
  code: "no-terminal",
  message: "baleen wizard needs a terminal. Use flags instead; baleen benchmark --help lists them.",
};

/** Its values would count besides the answers. */
function refuseFile({ env }: Pick<CommandContext, "env">): readonly Diagnostic[] {
  const path = env.BALEEN_CONFIG;
  if (path === undefined || path === "") return [];
  const message = `BALEEN_CONFIG: the wizard writes a file of options but reads none. Unset it, or run baleen benchmark --config ${path}.`;
  return [{ code: "unused-option", message }];
}

/** What is wrong already before anything is asked. */
function checkGiven({ given }: CommandRequest, table: readonly Option[]): readonly Diagnostic[] {
  const { read, diagnostics } = openReader();
  for (const { name, rule } of table) read(rule, given[camelCase(name)], undefined);
  return diagnostics;
}

async function converse(request: CommandRequest, setting: WizardSetting): Promise<ExitCode> {
  const { context, table, dialogue } = setting;
  notify(
    context,
    "The wizard asks for the settings of a benchmark. Press Enter to accept the answer shown, Ctrl-C to leave. Nothing starts before the last question.",
  );
  const { given } = request;
  let state = await askAll({ answers: answersFrom(given, table) }, given, setting);
  let checked = checkState(state, setting);
  while (checked.diagnostics.length > 0) {
    notify(context, "");
    reportDiagnostics(context, checked.diagnostics);
    if (!(await dialogue.confirm("These settings cannot run. Go through the questions again?", true))) {
      notify(context, "Nothing was started.");
      return 2;
    }
    state = await askAll(state, given, setting);
    checked = checkState(state, setting);
  }
  return await conclude(state, checked, setting);
}

/** Asks for everything, in the order in which one answer follows from another. */
async function askAll(
  start: WizardState,
  given: CommandRequest["given"],
  setting: WizardSetting,
): Promise<WizardState> {
  let state = start;
  const asked = new Set<string>();
  const names = () => {
    const { limits } = chooseSystem(checkState(state, setting).request.given, setting.backend);
    return basicOptions(state.answers, { given, isNative: nodesMakeLoad(limits) });
  };
  for (let name = names()[0]; name !== undefined; name = names().find((one) => !asked.has(one))) {
    asked.add(name);
    state = name === "hosts" ? await askHosts(state, setting) : await askOne(name, state, setting);
    // All is known on which the ports depend.
    if (name === "committee" || name === "local-committee") state = await askPorts(state, setting);
  }
  if (await setting.dialogue.confirm("Set advanced options?", false)) {
    state = await askAdvanced(state, names(), setting);
  }
  return state;
}

/** In the wizard containers are removed, unless somebody says that they are to stay. */
const usualAnswers: Readonly<Record<string, string>> = { cleanup: "true" };

async function askOne(name: string, state: WizardState, setting: WizardSetting): Promise<WizardState> {
  const option = setting.table.find((one) => one.name === name);
  if (option === undefined) throw new TypeError(`there is no option ${name}`);
  const check = (answers: Answers) => diagnosticsOfAnswer(name, answers, setting);
  const usual = usualAnswers[name];
  return { ...state, answers: await askOption(option, state.answers, { check, usual }, setting) };
}

const goOn = "";

async function askAdvanced(
  start: WizardState,
  basic: readonly string[],
  setting: WizardSetting,
): Promise<WizardState> {
  let state = start;
  notify(setting.context, "Type part of an option's name to find it.");
  for (;;) {
    const options = advancedOptions(state.answers, setting.table, basic);
    const choices = options.map((option) => choiceOf(option, state.answers));
    const end = { value: goOn, name: "no more: go on" };
    const name = await setting.dialogue.find("Option:", [end, ...choices]);
    if (name === goOn) return state;
    state = await askOne(name, state, setting);
  }
}

function choiceOf(option: Option, answers: Answers) {
  const { name, description } = option;
  const usual = usualOf(option);
  const set = answers.get(name)?.join("; ");
  const shown = set === undefined ? (usual === undefined ? "" : ` (${usual})`) : `: ${set}`;
  return { value: name, name: `${name}${shown}`, description };
}

async function conclude(
  state: WizardState,
  summarized: CheckedAnswers,
  setting: WizardSetting,
): Promise<ExitCode> {
  const { context, backend, dialogue } = setting;
  notify(context, "");
  notify(context, "Summary");
  const points = summarized.request.variation?.points.map(({ name }) => name);
  for (const line of [...describeSweep(summarized.parameters, points), ...describeEnd(summarized)])
    notify(context, line);
  const saved = await nameHosts(state, setting);
  const checked = checkState(saved, setting);
  const command = formatCommand(checked.argv, checked.unset);
  notify(context, "");
  notify(context, "The same as a command:");
  context.terminal.note(`\n${command}\n\n`);
  const format = (path: string) =>
    formatOptions(saved.answers, meaningfulOptions(saved.answers, setting.table), path);
  notify(context, "The same as a file of options, for baleen benchmark --config FILE:");
  context.terminal.note(`\n${format("bench.yaml").replaceAll(/^(?=.)/gm, "  ")}`);
  if (await dialogue.confirm("Save that file?", false)) await saveOptions(format, setting);
  if (!(await dialogue.confirm("Start the benchmark now?", true))) {
    notify(context, "Nothing was started. Run the command above to start it later.");
    return 0;
  }
  const settings = readSettings(checked.request, context.env);
  return await runBenchmark(checked.request, { ...context, settings }, backend);
}

/** What is left, for those who were asked about it. */
function describeEnd({ parameters: [first] }: CheckedAnswers): readonly string[] {
  if (first === undefined) return [];
  const { cleanup, runtime, networkType, transactionSizeBytes } = first;
  const kept = { keep: "the last network keeps running", remove: "containers and networks are removed" };
  const thorough = `${kept.remove}, and their volumes and data`;
  const end =
    runtime === "process" && networkType === "local"
      ? "nodes end with the command"
      : { ...kept, thorough }[cleanup];
  return [`  Transaction size: ${transactionSizeBytes} bytes`, `  At the end: ${end}`];
}

/** Hosts that were typed in get a file, since a benchmark reads them from one. */
async function nameHosts(state: WizardState, setting: WizardSetting): Promise<WizardState> {
  const { typed, answers } = state;
  if (typed === undefined) return state;
  const committee = checkState(state, setting).parameters.find(({ remote }) => remote)?.committee ?? 1;
  notify(setting.context, "");
  notify(setting.context, "The benchmark reads the hosts that you entered from a file.");
  const path = await saveHosts(formatHostsFile(typed, committee), typedHostsFile, setting);
  return { answers: withAnswer(answers, "hosts", [path]) };
}
