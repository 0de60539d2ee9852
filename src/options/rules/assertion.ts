import {
  type AssertedMetric,
  type AssertedOrder,
  type AssertedUnit,
  type Assertion,
  assertedCounts,
  assertedLatencies,
  assertedStatistics,
} from "../../contracts/results/assertion.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { suggestion } from "../../core/text/nearest.ts";
import { conceal, diagnostic, formatCount, type Given, itemName, type Rule, show } from "./rule.ts";

export const assertedMetrics: readonly AssertedMetric[] = [
  ...assertedCounts,
  ...assertedLatencies.flatMap((latency) =>
    assertedStatistics.map((statistic) => `${latency}.${statistic}` as const),
  ),
];

/** In which a metric is measured and published. "": a bare number of transactions. */
export function unitOf(metric: AssertedMetric): "tx/s" | "Mbit/s" | "%" | "ms" | "" {
  if (metric === "throughput") return "tx/s";
  if (metric === "goodput") return "Mbit/s";
  if (metric === "failed" || metric === "leaking_nodes") return "";
  return metric === "efficiency" || metric === "success_rate" ? "%" : "ms";
}

/** Units that fit a metric, the one that is meant where none is given first. */
function unitsOf(metric: AssertedMetric): readonly AssertedUnit[] {
  const unit = unitOf(metric);
  return unit === "ms" ? [unit, "s", "us"] : [unit];
}

/** The limit of an assertion that needs no baseline: tx/s, percent, ms, or transactions. */
export function absoluteLimit({ amount, unit }: Assertion): number {
  // 0.0802 s are 80.2 ms, and not what binary fractions make of it.
  if (unit === "s") return Number((amount * 1000).toPrecision(15));
  return unit === "us" ? amount / 1000 : amount;
}

/** An assertion as it may be given: `commit.p99@200<500ms`. A parsed one reads the same again. */
export function formatAssertion({ metric, loadTps, order, amount, unit, relative }: Assertion): string {
  const place = loadTps === undefined ? "" : `@${loadTps}`;
  const sign = relative && amount >= 0 ? "+" : "";
  return `${metric}${place}${order}${sign}${amount}${unit}`;
}

const number = String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?`;
const form = new RegExp(
  String.raw`^\s*([^\s@<>=]+)\s*(?:@\s*([^\s<>=]+)\s*)?(<=|>=|<|>)\s*([+-]?)\s*(${number})\s*(\S*)\s*$`,
  "i",
);
const usual =
  'METRIC[@LOAD], one of < <= > >=, and a value with its unit, such as "commit.p99<500ms", "efficiency@200>=95%", or against --baseline "throughput>-5%"';

/** Larger ones are typing errors, and would lose digits. */
const largest = 1e12;
const longestText = 200;

type Parsed = { readonly assertion: Assertion } | { readonly problem: string };

/** One assertion, or what is wrong with it and what to give. Pure. */
export function parseAssertion(text: string): Parsed {
  const [, name = "", load, order = "", sign = "", digits = "", unitText = ""] = form.exec(text) ?? [];
  const wrong = (reason: string, expected: string): Parsed => ({
    problem: `${show(text)}: ${reason}. Give ${expected}.`,
  });
  if (order === "") return wrong("not an assertion", usual);
  const metric = findMetric(name);
  if (metric === undefined) {
    const near = suggestion(name, assertedMetrics);
    const reason = `unknown metric ${show(name)}`;
    return near === "" ? wrong(reason, metricNames) : { problem: `${show(text)}: ${reason}.${near}` };
  }
  const loadTps = load === undefined ? undefined : Number(load);
  if (loadTps !== undefined && !(isDecimal(load) && loadTps > 0 && loadTps <= 1_000_000)) {
    return wrong(`${show(load)} is not a load`, "one in tx/s, above 0 and up to 1,000,000, without its unit");
  }
  const relative = sign !== "";
  const unit = findUnit(metric, unitText, relative);
  if (unit === undefined) {
    const reason =
      unitText === ""
        ? "its unit is missing"
        : `${show(unitText)} is not a unit of ${relative ? "a change" : metric}`;
    return wrong(reason, relative ? "the change against the baseline in %, such as -5%" : unitNames(metric));
  }
  // "+ 0" makes the 0 of "-0%" a plain one.
  const amount = (sign === "-" ? -1 : 1) * Number(digits) + 0;
  if (Math.abs(amount) > largest) return wrong("its value is too large", `at most ${formatCount(largest)}`);
  if (amount < -100) return wrong("nothing can fall by more than 100 %", "-100% or more");
  const place = loadTps === undefined ? {} : { loadTps };
  return { assertion: { metric, ...place, order: order as AssertedOrder, amount, unit, relative } };
}

const isDecimal = (text = "") => new RegExp(`^${number}$`, "i").test(text);

/** p99.9 is p999, as tables call it. */
function findMetric(name: string): AssertedMetric | undefined {
  const plain = name.replace(/\.p99\.9$/, ".p999");
  return assertedMetrics.find((metric) => metric === plain);
}

const metricNames = `${assertedCounts.join(", ")}, or one of ${assertedLatencies.join(", ")}, followed by .${assertedStatistics.join(", .")}`;

function findUnit(metric: AssertedMetric, text: string, relative: boolean): AssertedUnit | undefined {
  if (relative) return text === "%" ? "%" : undefined;
  const units = unitsOf(metric);
  const plain = text.replace(/^[\u00b5\u03bc]s$/, "us");
  // A bare 95 might be meant as a ratio or as percent.
  if (plain === "" && units[0] !== "%") return units[0];
  return units.find((unit) => unit === plain);
}

function unitNames(metric: AssertedMetric): string {
  const units = unitsOf(metric).filter((unit) => unit !== "");
  return units.length === 0 ? "a number without a unit" : `its value in ${units.join(", ")}`;
}

const mostItems = 1000;

/** Several, in a list, or in one text with ";" or line breaks between them; every faulty one is told. */
export const assertionList: Rule<readonly Assertion[]> = {
  kind: "value",
  expected: usual,
  schema: { anyOf: [{ type: "array", items: { type: "string" }, minItems: 1 }, { type: "string" }] },
  read: (given) => {
    const { assertions, diagnostics } = readEach(given);
    return diagnostics.length > 0 ? { diagnostics } : { value: assertions };
  },
};

/** The good ones among them too, so that they can be checked further and all that is wrong is told at once. */
export function readEach(given: Given): {
  readonly assertions: readonly Assertion[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const items: readonly unknown[] = Array.isArray(given.value) ? given.value : [given.value];
  const texts = items
    .flatMap((item, index) => {
      const parts: readonly unknown[] = typeof item === "string" ? item.split(/[;\r\n]/) : [item];
      return parts.map((text) => ({ text, name: itemName(given, index) }));
    })
    .filter(({ text }) => typeof text !== "string" || text.trim() !== "");
  if (texts.length === 0) {
    return { assertions: [], diagnostics: [diagnostic(given, "it contains no assertion", usual)] };
  }
  if (texts.length > mostItems) {
    const reason = `${formatCount(texts.length)} assertions are too many`;
    return { assertions: [], diagnostics: [diagnostic(given, reason, `at most ${formatCount(mostItems)}`)] };
  }
  const assertions: Assertion[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const { text, name } of texts) {
    const parsed: Parsed =
      typeof text === "string" && text.length <= longestText
        ? parseAssertion(text)
        : { problem: `${show(text)}: not an assertion. Use ${usual}.` };
    if ("assertion" in parsed) assertions.push(parsed.assertion);
    else diagnostics.push({ code: "invalid-value", message: `${name}: ${parsed.problem}` });
  }
  return { assertions, diagnostics: conceal(diagnostics, given, usual) };
}
