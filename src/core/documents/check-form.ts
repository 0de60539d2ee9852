import { BaleenError } from "../errors.ts";
import { onDemand } from "../on-demand.ts";
import type { Form, FormParts, Zod } from "./form.ts";

const zod = onDemand<Zod>("zod");

/** A document is not of its form; the message names each key that is not, with the way to it. */
export class FormError extends BaleenError {
  constructor(key: string, expected: string, others = "") {
    super("form", `${key} is not ${expected}${others}`);
  }
}

/** Most that is told of one document. */
const mostTold = 10;

/** Where a document is not of its form: "position[1]", and what should stand there: "a number". */
export interface Misfit {
  readonly place: string;
  readonly expected: string;
  /** Nothing stands there. */
  readonly isMissing: boolean;
}

/**
 * Reads a document, or what stands in one.
 *
 * @param at the way there
 * @throws FormError with all that is wrong
 */
export function readForm<T>(form: Form<T>, json: unknown, at: readonly string[] = []): T {
  const found = tryForm(form, json, at);
  if ("value" in found) return found.value;
  const [first, ...others] = found.misfits;
  if (first === undefined) throw new TypeError("an error without an issue");
  const told = others.slice(0, mostTold - 1).map(({ place, expected }) => `; ${place} is not ${expected}`);
  const rest = others.length - told.length;
  const more = `${told.join("")}${rest === 0 ? "" : `; and ${rest} more`}`;
  throw new FormError(first.place, first.expected, more);
}

/** The same, with all places that are wrong instead of an error. */
export function tryForm<T>(
  form: Form<T>,
  json: unknown,
  at: readonly string[] = [],
): { readonly value: T } | { readonly misfits: readonly Misfit[] } {
  const { error } = form.parts.schema(zod()).safeParse(json, { reportInput: true });
  if (error === undefined) return { value: form.parts.read(json) };
  // What is another document altogether is that, and not a list of what it lacks.
  const other = error.issues.find(({ path }) => path.length === 1 && path[0] === "schema");
  const issues = other === undefined ? error.issues : [other];
  const misfits = issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    if (issue.code !== "unrecognized_keys") {
      const isMissing = issue.input === undefined && path.length > 0;
      return [{ place: showPath(path), expected: issue.message, isMissing }];
    }
    const expected = "a known key";
    return issue.keys.map((key) => ({ place: showPath([...path, key]), expected, isMissing: false }));
  });
  return { misfits };
}

/** "results.faults[0].node"; "it" for the whole. */
function showPath(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === "number" ? `[${step}]` : `.${String(step)}`));
  return steps.join("").replace(/^\./, "") || "it";
}

/** The JSON Schema (draft 2020-12) of a document, for its readers: keys that are not in it are refused. */
export function jsonSchemaOf(
  { parts }: { readonly parts: Pick<FormParts<never>, "schema"> },
  { id, title }: { readonly id: string; readonly title: string },
) {
  const { $schema, ...schema } = zod().toJSONSchema(parts.schema(zod()), {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.properties !== undefined) jsonSchema.additionalProperties = false;
      // The largest whole number that JavaScript has is no bound of a document.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  // Beside a reference only what it is in that place.
  const whole = JSON.stringify({ $schema, $id: id, title, ...schema }, (_, node) =>
    typeof node?.$ref === "string" ? { description: node.description, $ref: node.$ref } : node,
  );
  return JSON.parse(whole) as object;
}
