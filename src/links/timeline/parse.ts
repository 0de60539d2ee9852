import { nodeActions } from "../../contracts/links/timeline.ts";
import { readDescribedFile } from "../../core/documents/described-file.ts";
import { type Path, type SchemaDiagnostic, schemaDiagnostics } from "../../core/documents/schema-issues.ts";
import type { YamlWithLines } from "../../core/documents/yaml.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { isTable } from "../../core/keys.ts";
import { speed } from "../../core/quantity.ts";
import {
  type LinksEntry,
  moment,
  type SelectorEntry,
  span,
  type TimelineEntry,
  type TimelineFile,
  timelineSchemas,
} from "../schema/timeline.ts";
import { checkTimeline } from "../schema/timeline-rules.ts";
import { amount, toChange } from "../shape-entry.ts";
import type { LinkSelector, RandomNodes, Selector, TimelineAction, TimelineItem } from "./spec.ts";

/** A timeline; or all that is wrong with it, each with its line. */
export interface ParsedTimeline extends Omit<TimelineFile, "timeline"> {
  /** Plain JSON, as they are written; undefined where there are diagnostics. */
  readonly entries?: readonly unknown[] | undefined;
  /** Where each entry stands: "timeline.yaml:12". */
  readonly places: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Parses the YAML text of a timeline: a list, or a table with the list under `timeline`.
 *
 * @param file its name in diagnostics
 * @param part of a larger file, which counts in place of the text
 */
export function parseTimeline(text: string, file: string, part?: YamlWithLines): ParsedTimeline {
  const check = (value: unknown) => {
    const { list, base } = listOf(value);
    const schema = Array.isArray(value) ? timelineSchemas().list : timelineSchemas().file;
    const found: SchemaDiagnostic[] = [...schemaDiagnostics(schema, value)];
    checkTimeline(list, base, (path, message) => found.push({ path, message }));
    return found;
  };
  const { value, diagnostics, placeOf } = readDescribedFile(text, {
    file,
    code: "timeline-file",
    check,
    part,
  });
  const { list, base } = listOf(value);
  const entries = Array.isArray(list) ? list : [];
  const places = entries.map((_, index) => placeOf([...base, index]));
  if (diagnostics.length > 0) return { places, diagnostics };
  const { title, source, note } = (isTable(value) ? value : {}) as Partial<TimelineFile>;
  return { title, source, note, entries, places, diagnostics };
}

function listOf(value: unknown): { readonly list: unknown; readonly base: Path } {
  return isTable(value) ? { list: value.timeline, base: ["timeline"] } : { list: value, base: [] };
}

/** @param entry that `parseTimeline` has accepted: nothing but what the schema allows is in it */
export function toItem(written: unknown): TimelineItem {
  const entry = written as TimelineEntry;
  return {
    atMs: amount(entry.at, moment) ?? 0,
    forMs: amount(entry.for, span),
    everyMs: amount(entry.every, span),
    untilMs: amount(entry.until, moment),
    action: toAction(entry),
  };
}

function toAction(entry: TimelineEntry): TimelineAction {
  for (const kind of nodeActions) {
    const nodes = entry[kind];
    if (nodes !== undefined) return { kind, nodes: toSelector(nodes) };
  }
  const { partition, isolate, set, ramp, flap } = entry;
  const links = toLinks(entry.links ?? {});
  if (partition !== undefined) return { kind: "partition", groups: partition.map(toSelector) };
  if (isolate !== undefined) return { kind: "isolate", nodes: toSelector(isolate) };
  if (set !== undefined) return { kind: "set", change: toChange(set), text: textOf(set), links };
  if (ramp !== undefined) return { kind: "ramp", change: toChange(ramp), text: textOf(ramp), links };
  if (entry.move !== undefined) return toMove(entry, entry.move);
  if (flap === undefined) return { kind: "heal" };
  const [upMs, downMs] = [amount(entry.up, span) ?? 0, amount(entry.down, span) ?? 0];
  return { kind: "flap", nodes: toSelector(flap), upMs, downMs };
}

function toMove(
  { to, path, circle, wander, speed: written }: TimelineEntry,
  moved: SelectorEntry,
): TimelineAction {
  const nodes = toSelector(moved);
  const speedMps = amount(written, speed);
  const asText = (value: unknown) => JSON.stringify(value).replaceAll(",", ", ").replaceAll('"', "");
  const pace = written === undefined ? "" : ` at ${written}`;
  if (circle !== undefined) {
    const { center, period, clockwise = false } = circle;
    const movement = { kind: "circle" as const, center, periodMs: amount(period, span) ?? 0, clockwise };
    return { kind: "move", nodes, movement, text: `around ${asText(center)}` };
  }
  if (wander !== undefined) {
    const { within, pause, seed = 1 } = wander;
    const times = { speedMps: speedMps ?? 0, pauseMs: amount(pause, moment) ?? 0 };
    const movement = { kind: "wander" as const, within, ...times, seed: String(seed) };
    return { kind: "move", nodes, movement, text: `within ${asText(within)}${pace}` };
  }
  const points = path ?? (to === undefined ? [] : [to]);
  const text = `${to === undefined ? "along" : "to"} ${asText(to ?? points)}${pace}`;
  return { kind: "move", nodes, movement: { kind: "path", points, speedMps }, text };
}

/** "delay 100ms, loss 5%" */
const textOf = (shape: object) =>
  Object.entries(shape)
    .map(
      ([key, value]) =>
        `${key} ${isTable(value) ? JSON.stringify(value).replaceAll('"', "") : String(value)}`,
    )
    .join(", ");

function toSelector(written: SelectorEntry): Selector {
  const parts = Array.isArray(written) ? written : [written];
  return parts.map((part) => (typeof part === "string" ? part : toRandom(part.random)));
}

const toRandom = ({
  count,
  seed = 1,
}: {
  count: number;
  seed?: string | number | undefined;
}): RandomNodes => ({
  count,
  seed: String(seed),
});

function toLinks({ from = "all", to = "all", between }: LinksEntry): LinkSelector {
  if (between === undefined) return { kind: "directed", from: toSelector(from), to: toSelector(to) };
  return { kind: "between", groups: (Array.isArray(between) ? between : [between]).map(toSelector) };
}
