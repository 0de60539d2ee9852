import type * as z from "zod";
import { suggestion } from "../text/nearest.ts";

export type Path = readonly (string | number)[];

/** What is wrong with a value, and where in it. */
export interface SchemaDiagnostic {
  /** Keys and places of lists that lead there. */
  readonly path: Path;
  /** "committee: must be a whole number", without a full stop. */
  readonly message: string;
}

/** Issues of one place are told in the order of their kinds. */
const kinds = ["missing", "key name", "unknown key", "value"] as const;

/** What is told of one issue of zod's. */
interface Told {
  /** The table that lacks or has a key, or the value. */
  readonly of: Path;
  readonly kind: (typeof kinds)[number];
  readonly diagnostics: readonly SchemaDiagnostic[];
}

/** All that is wrong with a value, in words for people, at most one diagnostic for each place. */
export function schemaDiagnostics(schema: z.ZodType, value: unknown): readonly SchemaDiagnostic[] {
  /** Tables with keys that are not known → those that are. */
  const knownKeys = new Map<unknown, readonly string[]>();
  const { error } = schema.safeParse(value, {
    reportInput: true,
    error: (issue) => {
      const { code, input, inst } = issue;
      if (code === "unrecognized_keys") knownKeys.set(input, Object.keys((inst as z.ZodObject).shape));
      return complaint(issue);
    },
  });
  const told = (error?.issues ?? []).map((issue) => tell(issue, knownKeys));
  const reported = new Map<string, SchemaDiagnostic>();
  for (const diagnostic of [...inOrder(told), ...prototypeKeys(value)]) {
    const place = JSON.stringify(diagnostic.path);
    if (!reported.has(place)) reported.set(place, diagnostic);
  }
  return [...reported.values()];
}

/** What is told of a table comes before what is told of its parts. */
function inOrder(told: readonly Told[], depth = 0): readonly SchemaDiagnostic[] {
  const ofThis = kinds.flatMap((kind) => told.filter((one) => one.of.length === depth && one.kind === kind));
  const ofParts = Map.groupBy(
    told.filter((one) => one.of.length > depth),
    (one) => one.of[depth],
  );
  return [
    ...ofThis.flatMap(({ diagnostics }) => diagnostics),
    ...[...ofParts.values()].flatMap((part) => inOrder(part, depth + 1)),
  ];
}

/** zod passes over this name where a table's keys are free. */
function prototypeKeys(value: unknown, path: Path = []): SchemaDiagnostic[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, part]) => {
    const at = [...path, Array.isArray(value) ? Number(key) : key];
    const own = key === "__proto__" ? [{ path: at, message: `${key}: no such key` }] : [];
    return [...own, ...prototypeKeys(part, at)];
  });
}

function tell(issue: z.core.$ZodIssue, knownKeys: ReadonlyMap<unknown, readonly string[]>): Told {
  const path = issue.path as Path;
  const around = path.slice(0, -1);
  const key = path.at(-1);
  if (issue.code === "unrecognized_keys") {
    const known = knownKeys.get(issue.input) ?? [];
    const diagnostics = issue.keys.map((unknown) => ({
      path: [...path, unknown],
      message: `${unknown}: no such key.${suggestion(unknown, known)}`.replace(/\.$/, ""),
    }));
    return { of: path, kind: "unknown key", diagnostics };
  }
  if (issue.code === "invalid_key") {
    const message = `${String(key)}: this key ${issue.message}`;
    return { of: around, kind: "key name", diagnostics: [{ path, message }] };
  }
  if (issue.input === undefined && typeof key === "string") {
    return { of: around, kind: "missing", diagnostics: [named(around, `${key} is missing`)] };
  }
  const of = isTagUnknown(issue) ? around : path;
  return { of, kind: "value", diagnostics: [named(of, issue.message)] };
}

function named(path: Path, message: string): SchemaDiagnostic {
  const name = path.findLast((part) => typeof part === "string");
  return { path, message: name === undefined ? message : `${name}: ${message}` };
}

/** Of several forms that a key tells apart, it names none. */
const isTagUnknown = (issue: { readonly code?: string; readonly discriminator?: unknown }) =>
  issue.code === "invalid_union" && issue.discriminator !== undefined;

function complaint(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${kindNames[issue.expected]}`;
    case "invalid_value":
      return issue.values.length === 1
        ? `must be ${String(issue.values[0])}`
        : `must be one of ${issue.values.map(String).join(", ")}`;
    case "too_small":
      return limited(issue, Number(issue.minimum), { inclusive: "at least", exclusive: "above" });
    case "too_big":
      return limited(issue, Number(issue.maximum), { inclusive: "at most", exclusive: "below" });
    case "invalid_key":
      return issue.issues[0]?.message;
    case "invalid_union":
      return isTagUnknown(issue)
        ? `${issue.discriminator} must be one of ${(issue.options as readonly unknown[]).join(", ")}`
        : ofNoForm(issue);
    default:
      return undefined;
  }
}

const unitNames: Readonly<Record<string, string>> = { string: "character", array: "item" };

function limited(
  { origin, inclusive = true }: { readonly origin: string; readonly inclusive?: boolean },
  limit: number,
  words: { readonly inclusive: string; readonly exclusive: string },
): string {
  const unit = unitNames[origin];
  if (unit !== undefined) return `must have ${words.inclusive} ${limit} ${unit}${limit === 1 ? "" : "s"}`;
  return `must be ${inclusive ? words.inclusive : words.exclusive} ${limit}`;
}

/** Of several forms: the kinds that there are, where it is of none; else what the schema's description says. */
function ofNoForm({ errors, inst }: z.core.$ZodRawIssue<z.core.$ZodIssueInvalidUnion>): string {
  const wrongKinds = new Set(errors.map(([first]) => wrongKind(first)));
  if (!wrongKinds.has(undefined)) return `must be ${[...wrongKinds].join(" or ")}`;
  return `must be: ${(inst as z.ZodType).description}`;
}

/** The kind that would do; undefined where it is of that kind. */
function wrongKind(issue: z.core.$ZodIssue | undefined): string | undefined {
  if (issue === undefined || issue.path.length > 0) return undefined;
  if (issue.code === "invalid_type") return issue.message.replace(/^must be /, "");
  if (issue.code !== "invalid_value") return undefined;
  const kind = typeof issue.values[0];
  return kind === typeof issue.input ? undefined : kindNames[kind];
}

const kindNames: Readonly<Record<string, string>> = {
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "a table of keys and values",
  record: "a table of keys and values",
};
