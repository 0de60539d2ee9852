/** What may be given as a load profile, and as phases of one. */
import type { LoadProfile, TracePoint } from "../../contracts/load/load-profile.ts";
import type { NamedFile } from "../../contracts/protocol-choice.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { isTable } from "../../core/keys.ts";
import { mostPieces } from "../../load/timeline/profile.ts";
import { number } from "./number.ts";
import { type PhasesFile, readPhases } from "./phases-file.ts";
import { level, parseOpenProfile } from "./profile-text.ts";
import { diagnostic, formatCount, isFile, type Reading, type Rule, refusal, show, together } from "./rule.ts";

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
const isProfile = (value: unknown): value is LoadProfile => isTable(value) && typeof value.kind === "string";

/** Lines told one by one; a file with more of them is hardly a trace. */
const mostReported = 10;
const second = number({ unit: "seconds", atLeast: 0, atMost: 604_800 });
const traceExample =
  'Give a header "second,level" and lines such as "0,0.5": from second 0 on, half the load';

/** The levels of a CSV file with the columns second and level; every faulty line is told. */
export function readTrace({ path, text }: NamedFile): Reading<ReadProfile> {
  const diagnostics: Diagnostic[] = [];
  const refuse = (line: number, reason: string, remedy = traceExample) =>
    diagnostics.push({ code: "trace-file", message: `${path}:${line}: ${reason}. ${remedy}.` });
  const rows = text
    .replace(/^\ufeff/, "")
    .split(/\r?\n/)
    .map((content, index) => ({ content: content.trim(), line: index + 1 }))
    .filter(({ content }) => content !== "" && !content.startsWith("#"));
  const [head, ...rest] = rows;
  if (head === undefined || !/^second\s*,\s*level$/i.test(head.content)) {
    refuse(head?.line ?? 1, `${show(head?.content ?? "")} is not the header of a trace`);
    return { diagnostics };
  }
  if (rest.length > mostPieces) {
    refuse(rest[mostPieces]?.line ?? 1, `a trace has at most ${formatCount(mostPieces)} lines`, "Shorten it");
    return { diagnostics };
  }
  const points: TracePoint[] = [];
  for (const { content, line } of rest) {
    const point = readPoint(content);
    if (typeof point === "string") refuse(line, point);
    else if (points.length === 0 && point.second !== 0) refuse(line, "the first second is not 0");
    else if (point.second <= (points.at(-1)?.second ?? -1)) {
      refuse(line, `second ${point.second} does not come after ${points.at(-1)?.second}`);
    } else points.push(point);
  }
  if (rest.length === 0) refuse(head.line + 1, "there are no levels");
  if (diagnostics.length === 0 && points.every((point) => point.level === 0)) {
    refuse(head.line, "it never offers any load");
  }
  return diagnostics.length === 0
    ? { value: { profile: { kind: "trace", points } } }
    : { diagnostics: shortened(diagnostics, path) };
}

/** @returns why not, where it is none */
function readPoint(content: string): TracePoint | string {
  const cells = content.split(",").map((cell) => cell.trim());
  if (cells.length !== 2) return `${show(content)} is not two numbers`;
  const [atSecond, ofLevel] = [second, level].map((rule, index) =>
    rule.read({ name: "", value: cells[index], rank: 0 }),
  );
  if (atSecond === undefined || !("value" in atSecond)) return `${show(cells[0])} is not a second`;
  if (ofLevel === undefined || !("value" in ofLevel)) return `${show(cells[1])} is not a level`;
  return { second: atSecond.value, level: ofLevel.value };
}

function shortened(diagnostics: readonly Diagnostic[], path: string): readonly Diagnostic[] {
  const more = diagnostics.length - mostReported;
  if (more <= 0) return diagnostics;
  return [
    ...diagnostics.slice(0, mostReported),
    { code: "trace-file", message: `${path}: ${more} more lines have errors.` },
  ];
}
