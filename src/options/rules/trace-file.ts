import type { OpenProfile, TracePoint } from "../../contracts/load/load-profile.ts";
import type { NamedFile } from "../../contracts/protocol-choice.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { mostPieces } from "../../load/timeline/profile.ts";
import { number } from "./number.ts";
import { level } from "./profile-text.ts";
import { formatCount, type Reading, show } from "./rule.ts";

/** Lines told one by one; a file with more of them is hardly a trace. */
const mostReported = 10;
const second = number({ unit: "seconds", atLeast: 0, atMost: 604_800 });
const example = 'Give a header "second,level" and lines such as "0,0.5": from second 0 on, half the load';

/** The levels of a CSV file with the columns second and level; every faulty line is told. */
export function readTrace({ path, text }: NamedFile): Reading<{ readonly profile: OpenProfile }> {
  const diagnostics: Diagnostic[] = [];
  const refuse = (line: number, reason: string, remedy = example) =>
    diagnostics.push({ code: "trace-file", message: `${path}:${line}: ${reason}. ${remedy}.` });
  const lines = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const rows = lines
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
