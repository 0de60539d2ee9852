/** What may be given of emulated links, and of what happens to them and to nodes. */
import { createHash } from "node:crypto";
import { linkMechanisms } from "../../contracts/links/shaping.ts";
import type { LinksParameters, TimelineParameters } from "../../contracts/parameters.ts";
import { formatJson } from "../../core/documents/numbers.ts";
import { isTable } from "../../core/keys.ts";
import { duration, parseQuantity, type QuantityKind, share } from "../../core/quantity.ts";
import { type ParsedLinks, parseLinks } from "../../links/parse.ts";
import { rateProblem } from "../../links/schema/shape.ts";
import { parseTimeline } from "../../links/timeline/parse.ts";
import { topologyNames } from "../../links/topology.ts";
import { isDescriptionPath } from "./protocol-choice.ts";
import { choice, isFile, type Reading, type Rule, refusal, show, valueRule } from "./rule.ts";

/** A file that could not be read, which was reported. */
const isUnread = (value: unknown) => isTable(value) && "path" in value;

type ReadLinks = Omit<LinksParameters, "mechanism">;

/**
 * A named map or the path of a links file, whose text stands in place of it; or a document, as a library's caller gives
 * it and a bundle keeps it: `{ name, document }`.
 */
export const linksRule: Rule<ReadLinks> = {
  kind: "value",
  expected: "a name from baleen links, or the path of a links file",
  schema: { type: ["string", "object"] },
  read: (given) => {
    const { value } = given;
    if (isFile(value)) {
      const { path, text, part } = value;
      return linksReading(parseLinks(text, path, part), (document) => nameOf(path, document));
    }
    if (isTable(value) && isTable(value.document)) {
      const name = typeof value.name === "string" ? value.name : "links";
      return linksReading(parseLinks(formatJson(value.document), name), () => name, false);
    }
    if (isUnread(value)) return { diagnostics: [] };
    return refusal(given, `the links ${show(value)} were not read`, linksRule.expected);
  },
};

function linksReading(
  parsed: ParsedLinks,
  nameFor: (document: unknown) => string,
  hasPlaces = true,
): Reading<ReadLinks> {
  const { document, diagnostics, placeOf } = parsed;
  if (!isTable(document)) return { diagnostics };
  const name = nameFor(document);
  return { value: { name, document, ...(hasPlaces ? { placeOf } : {}) } };
}

/** A file's path says nothing of what is in it: two sweeps may have found different things there. */
function nameOf(path: string, content: unknown): string {
  if (!isDescriptionPath(path)) return path;
  const digest = createHash("sha256").update(JSON.stringify(content)).digest("hex");
  return `${path} (${digest.slice(0, 8)})`;
}

/** The same of timelines: `{ name, entries, places }`. */
export const timelineRule: Rule<TimelineParameters> = {
  kind: "value",
  expected: "a name such as jamming, or the path of a timeline",
  schema: { type: ["string", "array", "object"] },
  read: (given) => {
    const { value } = given;
    if (isFile(value)) {
      const { path, text, part } = value;
      const { entries, places, diagnostics } = parseTimeline(text, path, part);
      return entries === undefined
        ? { diagnostics }
        : { value: { name: nameOf(path, entries), entries, places } };
    }
    const table = Array.isArray(value) ? { entries: value } : value;
    if (isTable(table) && Array.isArray(table.entries)) {
      const name = "name" in table && typeof table.name === "string" ? table.name : "timeline";
      const { entries, diagnostics } = parseTimeline(formatJson(table.entries), name);
      if (entries === undefined) return { diagnostics };
      const kept = "places" in table && isTexts(table.places) ? table.places : [];
      const places = entries.map((_, place) => kept[place] ?? `${name}, entry ${place + 1}`);
      return { value: { name, entries, places } };
    }
    if (isUnread(value)) return { diagnostics: [] };
    return refusal(given, `the timeline ${show(value)} was not read`, timelineRule.expected);
  },
};

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === "string");

/** A value with its unit, as a links file has it. */
function written(expected: string, problemOf: (value: unknown) => string | undefined): Rule<string> {
  return {
    kind: "value",
    expected,
    schema: { type: "string" },
    read: (given) => {
      const problem = problemOf(given.value);
      if (problem === undefined) return { value: String(given.value).trim() };
      return { diagnostics: [{ code: "invalid-value", message: `${given.name}: ${problem}.` }] };
    },
  };
}

const quantity = (kind: QuantityKind) =>
  written(kind.expected, (value) => {
    const parsed = parseQuantity(value, kind);
    return "problem" in parsed ? parsed.problem : undefined;
  });

/** What may stand under `topology` of a links file, but for edges. */
export type WrittenTopology =
  | (typeof topologyNames)[number]
  | { readonly random: { degree: number; seed?: string } };

const topologyRule: Rule<WrittenTopology> = valueRule({
  expected: `${topologyNames.join(", ")}, or random:4 or random:4:SEED for 2 to 127 links of each node`,
  schema: { type: "string" },
  reason: "is no topology",
  parse: (value) => {
    const [, digits, seed] =
      /^random:(\d{1,3})(?::(.{1,256}))?$/.exec(typeof value === "string" ? value : "") ?? [];
    const degree = Number(digits);
    if (digits === undefined) return topologyNames.find((name) => name === value);
    return degree < 2 || degree > 127
      ? undefined
      : { random: { degree, ...(seed === undefined ? {} : { seed }) } };
  },
});

/** What a remote run measured: the path of its bundle, until the bundle is read; then a document like that of `links`. */
const linksLikeRule: Rule<ReadLinks | undefined> = {
  kind: "value",
  isPath: true,
  expected: "the path of the bundle of a remote run",
  schema: { type: "string" },
  read: (given) => {
    if (typeof given.value !== "string") return linksRule.read(given);
    return given.value === ""
      ? refusal(given, "its value is missing", linksLikeRule.expected)
      : { value: undefined };
  },
};

export const linkRules = {
  links: linksRule,
  linksLike: linksLikeRule,
  delay: quantity(duration),
  jitter: quantity(duration),
  loss: quantity(share),
  rate: written("a rate such as 100kbit, 20mbit or 1gbit, or unlimited", rateProblem),
  topology: topologyRule,
  linkMechanism: choice(...linkMechanisms),
  timeline: timelineRule,
} as const;
