/** Diagnoses for people and for programs. */
import { record } from "../core/documents/form.ts";
import { choice, count, documentForm, flag, list, text } from "../core/documents/form-values.ts";
import { writeForm } from "../core/documents/write-form.ts";
import { formatForeign, type Line } from "../core/text/foreign-text.ts";
import { wrap } from "../results/report/text/wrap.ts";
import { type Diagnosis, type Finding, stateOf } from "./run-checks.ts";

const width = 80;
/** As wide as "warning", and a gap. */
const stateWidth = 9;
/** Of names; longer ones are followed by a gap all the same. */
const nameWidth = 18;
const inset = " ".repeat(stateWidth);

const colours = { ok: undefined, warning: "yellow", fault: "red" } as const;

/** A line for each check, what is wrong with it below, and a count at the end. */
export function formatDiagnoses(diagnoses: readonly Diagnosis[]): Line[] {
  return [...diagnoses.flatMap(formatDiagnosis), "", formatCount(diagnoses)];
}

function formatDiagnosis(diagnosis: Diagnosis): Line[] {
  const state = stateOf(diagnosis);
  const name = `${formatForeign(diagnosis.name)}  `.padEnd(nameWidth);
  const left = stateWidth + name.length;
  const [first = "", ...more] = wrap(formatForeign(diagnosis.summary), Math.max(20, width - left));
  const beside = `${" ".repeat(stateWidth - state.length)}${name}${first}`.trimEnd();
  return [
    [{ text: state, colour: colours[state] }, { text: beside }],
    ...more.map((line) => `${" ".repeat(left)}${line}`),
    ...diagnosis.findings.flatMap(formatFinding),
  ];
}

/** The command stands on a line of its own, unbroken, so that it can be copied. */
function formatFinding({ message, command }: Finding): string[] {
  const isRepeated = command !== undefined && message.endsWith(command);
  const reported = isRepeated ? message.slice(0, -command.length) : message;
  const lines = wrap(formatForeign(reported), width - inset.length).map((line) => `${inset}${line}`);
  return command === undefined ? lines : [...lines, `${inset}  ${formatForeign(command)}`];
}

function formatCount(diagnoses: readonly Diagnosis[]): string {
  const { faults, warnings } = countFindings(diagnoses);
  const plural = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`;
  if (faults === 0 && warnings === 0) return "No problems found.";
  return `${plural(faults, "fault")}, ${plural(warnings, "warning")}.`;
}

export function countFindings(
  diagnoses: readonly Diagnosis[],
): Readonly<Record<"faults" | "warnings", number>> {
  const findings = diagnoses.flatMap((one) => one.findings);
  const faults = findings.filter(({ severity }) => severity === "fault").length;
  return { faults, warnings: findings.length - faults };
}

const finding = record("One problem.", {
  severity: choice("A fault prevents a run; a warning does not.", ["warning", "fault"]),
  code: text("Stable code for scripts: lower case, with dashes."),
  message: text("What is wrong, and what to do about it."),
  command: text("The shell command that fixes it; omitted if no single command does.").optional(),
});

const check = record("One check.", {
  name: text("Display name, such as Docker engine."),
  state: choice("The worst of its findings; ok if there are none.", ["ok", "warning", "fault"]),
  summary: text("Result of the check as text."),
  findings: list("The problems found.", finding),
});

/** The document of `--json`. */
export const diagnosesForm = documentForm(
  "baleen.doctor/1",
  "Diagnostics of baleen doctor --json for a machine and its hosts.",
  {
    ready: flag("Whether a run can work: no check found a fault."),
    faults: count("Number of faults in all checks."),
    warnings: count("Number of warnings in all checks."),
    checks: list("The checks, in the order of the text output.", check),
  },
);

export function buildDiagnosesJson(diagnoses: readonly Diagnosis[]): object {
  const counts = countFindings(diagnoses);
  const checks = diagnoses.map((one) => ({ ...one, state: stateOf(one) }));
  return writeForm(diagnosesForm, { ready: counts.faults === 0, ...counts, checks });
}
