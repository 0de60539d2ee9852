/** Load profiles as texts: "ramp:0..1". */
import type { LoadProfile, OpenProfile } from "../../contracts/load/load-profile.ts";
import { mostPhases } from "../../load/timeline/profile.ts";
import { number } from "./number.ts";
import { type Rule, show } from "./rule.ts";

/** A multiple of the load that is given. */
export const level = number({ unit: "", atLeast: 0, atMost: 1_000_000 });
export const seconds = number({ unit: "seconds", above: 0, atMost: 604_800 });

/** Reads the parts of one specification; what is wrong with them is kept. */
class Parts {
  readonly reasons: string[] = [];

  level(text: string | undefined): number {
    return this.#read(level, text, "level");
  }

  secs(text: string | undefined): number {
    return this.#read(seconds, text, "number of seconds");
  }

  #read(rule: Rule<number>, text: string | undefined, noun: string): number {
    const reading = rule.read({ name: noun, value: text?.trim() ?? "", rank: 0 });
    if ("value" in reading) return reading.value;
    this.reasons.push(`${show(text ?? "")} is not a ${noun}: give ${rule.expected}`);
    return 1;
  }
}

/** How profiles are written; each group is a number of that name. */
const forms: Readonly<Record<string, RegExp>> = {
  ramp: /^(?<from>.*?)\.\.(?<to>.*)$/,
  bursts: /^(?<base>.*?)\.\.(?<burst>.*)@(?<burstSecs>.*)s\/(?<periodSecs>.*)s$/,
  sine: /^(?<from>.*?)\.\.(?<to>.*)\/(?<periodSecs>.*)s$/,
};

function parseOpen(kind: string, rest: string, parts: Parts): OpenProfile | undefined {
  if (kind === "constant") return rest === "" ? { kind, level: 1 } : undefined;
  if (kind === "steps" && rest !== "") {
    return { kind, levels: rest.split(",").map((item) => parts.level(item)) };
  }
  const groups = Object.hasOwn(forms, kind) ? forms[kind]?.exec(rest)?.groups : undefined;
  if (groups === undefined) return undefined;
  const numbers = Object.entries(groups).map(([name, text]) => [
    name,
    name.endsWith("Secs") ? parts.secs(text) : parts.level(text),
  ]);
  return { kind, ...Object.fromEntries(numbers) } as OpenProfile;
}

/** What the numbers of a profile must be to each other, wherever it was given. */
function contradictionIn(profile: OpenProfile): string | undefined {
  if (profile.kind === "bursts" && profile.burstSecs >= profile.periodSecs) {
    return `bursts of ${profile.burstSecs} s leave no rest in a period of ${profile.periodSecs} s`;
  }
  if (profile.kind === "steps" && profile.levels.length > mostPhases) {
    return `${profile.levels.length} steps are more than the maximum of ${mostPhases}`;
  }
  return highestLevel(profile) > 0 ? undefined : "it never offers any load";
}

/** The highest multiple of the load that it comes to. */
export function highestLevel(profile: LoadProfile): number {
  switch (profile.kind) {
    case "constant":
      return profile.level;
    case "ramp":
    case "sine":
      return Math.max(profile.from, profile.to);
    case "steps":
      return Math.max(...profile.levels);
    case "bursts":
      return Math.max(profile.base, profile.burst);
    case "trace":
      return profile.points.reduce((most, point) => Math.max(most, point.level), 0);
    case "phases":
      return Math.max(...profile.phases.map((phase) => highestLevel(phase.profile)));
    case "closed":
      return 1;
  }
}

/** Text such as "ramp:0..1", without files. A sentence for each reason why not. */
export function parseOpenProfile(
  text: string,
): { readonly profile: OpenProfile } | { readonly reasons: readonly string[] } {
  const [, kind = "", rest = ""] = /^([^:]*):?(.*)$/s.exec(text.trim()) ?? [];
  const parts = new Parts();
  const profile = parseOpen(kind, rest, parts);
  if (profile === undefined) return { reasons: [`${show(text)} is not a load profile`] };
  if (parts.reasons.length > 0) return { reasons: parts.reasons };
  const contradiction = contradictionIn(profile);
  return contradiction === undefined ? { profile } : { reasons: [`${show(text)}: ${contradiction}`] };
}
