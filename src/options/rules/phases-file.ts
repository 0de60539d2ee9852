import type { LoadPhase, OpenProfile } from "../../contracts/load/load-profile.ts";
import type { NamedFile } from "../../contracts/protocol-choice.ts";
import { readYamlFile } from "../../core/documents/yaml.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { isTable } from "../../core/keys.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { mostPhases } from "../../load/timeline/profile.ts";
import { number } from "./number.ts";
import { level, parseOpenProfile, seconds } from "./profile-text.ts";
import { type Reading, type Rule, show } from "./rule.ts";

/** Phases as their file has them: all with a duration, or all with a share of a duration that is given elsewhere. */
export interface PhasesFile {
  readonly path: string;
  /** Without a duration of the whole the durations are shares, 0 to 1. */
  readonly phases: readonly LoadPhase[];
  readonly areShares: boolean;
}

const keys = ["name", "duration", "share", "profile", "level"] as const;
type PhaseKey = (typeof keys)[number];
const share = number({ unit: "", above: 0, atMost: 1 });
const example =
  'Give a list such as "- {name: peak, duration: 10, level: 2}"; in place of a level a profile, such as ramp:1..2';
/** What shares may miss 1 by: they are written with few digits. */
const tolerance = 1e-6;

/** All diagnostics of such a file, each with its line. */
export function readPhases({ path, text, part }: NamedFile): Reading<PhasesFile> {
  const diagnostics: Diagnostic[] = [];
  const refuse = (message: string) => {
    diagnostics.push({ code: "phases-file", message });
  };
  const document = part ?? readYamlFile(path, text, refuse);
  if (document === undefined) return { diagnostics };
  const { value } = document;
  const whole = `${path}:${document.lineOf([])}`;
  const isNamed = isTable(value) && "phases" in value;
  const items = isNamed ? value.phases : value;
  if (!Array.isArray(items) || items.length === 0) {
    refuse(`${whole}: not a list of phases. ${example}.`);
    return { diagnostics };
  }
  if (items.length > mostPhases) {
    const many = `${items.length} phases are more than the maximum of ${mostPhases}`;
    refuse(`${whole}: ${many}. Merge some of them.`);
    return { diagnostics };
  }
  const phases = items.map((item: unknown, index) => {
    const at = (key?: string) =>
      `${path}:${document.lineOf([...(isNamed ? ["phases"] : []), index, ...(key === undefined ? [] : [key])])}`;
    return readPhase(item, { at, refuse });
  });
  checkAll(phases, { whole, refuse });
  if (diagnostics.length > 0) return { diagnostics };
  const areShares = phases.every((phase) => phase.isShare);
  return { value: { path, areShares, phases: phases.map(({ isShare: _, ...phase }) => phase) } };
}

interface Place {
  /** File and line of a phase, or of a key of it. */
  readonly at: (key?: string) => string;
  readonly refuse: (message: string) => void;
}

interface FoundPhase extends LoadPhase {
  readonly isShare: boolean;
}

function readPhase(item: unknown, { at, refuse }: Place): FoundPhase {
  const mapping: Readonly<Record<string, unknown>> = isTable(item) ? item : {};
  if (!isTable(item)) refuse(`${at()}: ${show(item)} is not a phase. ${example}.`);
  for (const key of Object.keys(mapping).filter((one) => !keys.some((known) => known === one))) {
    const remedy = suggestion(key, keys) || ` Remove it, or give one of ${keys.join(", ")}.`;
    refuse(`${at(key)}: ${key} is not a key of a phase.${remedy}`);
  }
  const read = (rule: Rule<number>, key: PhaseKey) => {
    const reading = rule.read({ name: `${at(key)}, ${key}`, value: mapping[key], rank: 2 });
    if ("value" in reading) return reading.value;
    for (const { message } of reading.diagnostics) refuse(message);
    return 1;
  };
  const { name } = mapping;
  if (isTable(item) && !isName(name)) {
    const reason = name === undefined ? "it has no name" : `${show(name)} is not a name`;
    refuse(`${at()}: ${reason}. Use one of 1 to 40 characters.`);
  }
  const isShare = "share" in mapping;
  if (isTable(item) && isShare === "duration" in mapping) {
    const which = isShare ? "both a duration and a share" : "neither a duration nor a share";
    refuse(`${at()}: it has ${which}. Use one of them.`);
  }
  const durationSecs = isShare ? read(share, "share") : "duration" in mapping ? read(seconds, "duration") : 1;
  return {
    name: isName(name) ? String(name) : "",
    durationSecs,
    isShare,
    profile: readProfile(mapping, { at, refuse }, read),
  };
}

function readProfile(
  mapping: Readonly<Record<string, unknown>>,
  { at, refuse }: Place,
  read: (rule: Rule<number>, key: PhaseKey) => number,
): OpenProfile {
  const steady = { kind: "constant", level: 1 } as const;
  if ("profile" in mapping && "level" in mapping) {
    refuse(`${at("level")}: it has both a profile and a level. Use one of them.`);
  }
  if ("level" in mapping) return { ...steady, level: read(level, "level") };
  if (!("profile" in mapping)) return steady;
  const given = mapping.profile;
  const parsed =
    typeof given === "string"
      ? parseOpenProfile(given)
      : { reasons: [`${show(given)} is not a load profile, which is text`] };
  if ("profile" in parsed) return parsed.profile;
  const remedy =
    "Use constant, ramp:…, steps:…, bursts:… or sine:…; a trace or a closed loop cannot be part of phases";
  for (const reason of parsed.reasons) refuse(`${at("profile")}: ${reason}. ${remedy}.`);
  return steady;
}

function checkAll(
  phases: readonly FoundPhase[],
  { whole, refuse }: { readonly whole: string; readonly refuse: (message: string) => void },
): void {
  const names = phases.map(({ name }) => name).filter((name) => name !== "");
  for (const name of new Set(names.filter((one, index) => names.indexOf(one) !== index))) {
    refuse(`${whole}: ${show(name)} is the name of two phases. Use different names.`);
  }
  const shares = phases.filter(({ isShare }) => isShare);
  const sum = shares.reduce((total, { durationSecs }) => total + durationSecs, 0);
  if (shares.length > 0 && shares.length < phases.length) {
    refuse(`${whole}: some phases have a share and others a duration. Use one or the other for all.`);
  } else if (shares.length > 0 && Math.abs(sum - 1) > tolerance) {
    refuse(`${whole}: the shares add up to ${Number(sum.toPrecision(6))}, not to 1. Correct them.`);
  }
}

const isName = (name: unknown): boolean =>
  (typeof name === "string" || typeof name === "number") && /^[^\p{Cc}]{1,40}$/u.test(String(name));
