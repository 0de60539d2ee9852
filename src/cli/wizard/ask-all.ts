import type { Option } from "../options/option.ts";
import type { Answers } from "./answers.ts";
import { askHosts, type WizardState } from "./ask-hosts.ts";
import { askOption, usualOf } from "./ask-option.ts";
import { advancedOptions, basicOptions, type Occasion } from "./asked.ts";
import { diagnosticsOfAnswer } from "./check.ts";
import { notify, type WizardSetting } from "./setting.ts";

/** Asks for everything, in the order in which one answer follows from another. */
export async function askAll(
  start: WizardState,
  occasion: (state: WizardState) => Occasion,
  setting: WizardSetting,
): Promise<WizardState> {
  let state = start;
  const asked = new Set<string>();
  const names = () => basicOptions(state.answers, occasion(state));
  for (let name = names()[0]; name !== undefined; name = names().find((one) => !asked.has(one))) {
    asked.add(name);
    state = name === "hosts" ? await askHosts(state, setting) : await askOne(name, state, setting);
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
  return { ...state, answers: await askOption(option, state.answers, { check, usual, setting }) };
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
    const options = advancedOptions(state.answers, { table: setting.table, basic });
    const choices = options.map((option) => choiceOf(option, state.answers));
    const name = await setting.dialogue.find("Option:", [
      { value: goOn, name: "no more: go on" },
      ...choices,
    ]);
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
