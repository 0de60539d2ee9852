/** What may be given as a load profile, and as phases of one. */
import type { LoadProfile } from "../../contracts/load/load-profile.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { number } from "./number.ts";
import { type PhasesFile, readPhases } from "./phases-file.ts";
import { parseOpenProfile } from "./profile-text.ts";
import { diagnostic, isFile, type Rule, refusal, show, together } from "./rule.ts";
import { readTrace } from "./trace-file.ts";

/** A profile, and the numbers of transactions in flight where it names them in place of loads. */
export interface ReadProfile {
  readonly profile: LoadProfile;
  readonly inFlight?: readonly number[] | undefined;
}

const count = number({ unit: "transactions in flight", whole: true, atLeast: 1, atMost: 65_536 });
const expected =
  "constant, ramp:0..1, steps:0.25,0.5,1, bursts:0.5..2@1s/4s, sine:0.5..1.5/20s, trace:FILE.csv (all as multiples of the load), or closed:64";

/**
 * A profile as text; or as an object, as a library's caller gives it and a bundle keeps it. The file of `trace:FILE` is
 * read by whoever gathers options, and stands in place of the text.
 */
export const profileRule: Rule<ReadProfile> = {
  kind: "value",
  expected,
  schema: { type: "string" },
  read: (given) => {
    const { value } = given;
    const refuse = (reasons: readonly string[]) => ({
      diagnostics: reasons.map((reason): Diagnostic => diagnostic(given, reason, expected)),
    });
    if (isFile(value)) return readTrace(value);
    if (isProfile(value)) return { value: { profile: value } };
    if (typeof value !== "string") return refuse([`${show(value)} is not a load profile`]);
    if (value.startsWith("trace:")) return refuse([`the file of ${show(value)} was not read`]);
    if (value.startsWith("closed:")) {
      const readings = value
        .slice("closed:".length)
        .split(",")
        .map((item) => count.read({ ...given, value: item }));
      const all = together(readings);
      return "value" in all ? { value: { profile: { kind: "closed" }, inFlight: all.value } } : all;
    }
    const parsed = parseOpenProfile(value);
    return "profile" in parsed ? { value: parsed } : refuse(parsed.reasons);
  },
};

/** The file of `--phases`, with what stands in it. */
export const phasesRule: Rule<PhasesFile> = {
  kind: "value",
  isPath: true,
  expected: "a readable YAML file of phases",
  read: (given) =>
    isFile(given.value)
      ? readPhases(given.value)
      : refusal(given, `the file ${show(given.value)} was not read`, phasesRule.expected),
};

/** By its kind alone: whoever gives an object gives it typed, or has read it from a bundle with all its checks. */
const isProfile = (value: unknown): value is LoadProfile =>
  typeof value === "object" && value !== null && "kind" in value && typeof value.kind === "string";
