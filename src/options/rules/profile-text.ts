/** Load profiles as texts: "ramp:0..1". */
import type { LoadProfile, OpenProfile } from "../../contracts/load/load-profile.ts";
import { mostPhases } from "../../load/timeline/profile.ts";
import { number } from "./number.ts";
import { show } from "./rule.ts";

/** A multiple of the load that is given. */
export const level = number({ unit: "", atLeast: 0, atMost: 1_000_000 });
export const seconds = number({ unit: "seconds", above: 0, atMost: 604_800 });

/** How profiles are written; each group is a number of that name. */
const forms: Readonly<Record<string, RegExp>> = {
  ramp: /^(?<from>.*?)\.\.(?<to>.*)$/,
  bursts: /^(?<base>.*?)\.\.(?<burst>.*)@(?<burstSecs>.*)s\/(?<periodSecs>.*)s$/,
  sine: /^(?<from>.*?)\.\.(?<to>.*)\/(?<periodSecs>.*)s$/,
};

type ReadNumber = (name: string, text: string) => number;

function parseOpen(kind: string, rest: string, read: ReadNumber): OpenProfile | undefined {
  if (kind === "constant") return rest === "" ? { kind, level: 1 } : undefined;
  if (kind === "steps" && rest !== "") {
    return { kind, levels: rest.split(",").map((item) => read("level", item)) };
  }
  const groups = Object.hasOwn(forms, kind) ? forms[kind]?.exec(rest)?.groups : undefined;
  if (groups === undefined) return undefined;
  const numbers = Object.entries(groups).map(([name, text]) => [name, read(name, text)]);
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
  const reasons: string[] = [];
  const read: ReadNumber = (name, part) => {
    const rule = name.endsWith("Secs") ? seconds : level;
    const noun = rule === seconds ? "number of seconds" : "level";
    const reading = rule.read({ name: noun, value: part.trim(), rank: 0 });
    if ("value" in reading) return reading.value;
    reasons.push(`${show(part)} is not a ${noun}: give ${rule.expected}`);
    return 1;
  };
  const profile = parseOpen(kind, rest, read);
  if (profile === undefined) return { reasons: [`${show(text)} is not a load profile`] };
  if (reasons.length > 0) return { reasons };
  const contradiction = contradictionIn(profile);
  return contradiction === undefined ? { profile } : { reasons: [`${show(text)}: ${contradiction}`] };
}
