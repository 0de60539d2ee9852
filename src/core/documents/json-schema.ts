import { Ajv2020, type ErrorObject } from "ajv/dist/2020.js";
import { suggestion } from "../nearest.ts";

export interface SchemaDiagnostic {
  /** Keys and places of lists that lead there. */
  readonly path: readonly (string | number)[];
  /** "committee: must be a whole number", without a full stop. */
  readonly message: string;
}

/**
 * Compiles a JSON Schema (draft 2020-12) into a check that tells all that is wrong, at most once for each place.
 * @throws Error where the schema itself is not valid
 */
export function compileSchema(schema: object): (value: unknown) => readonly SchemaDiagnostic[] {
  const ajv = new Ajv2020({
    allErrors: true,
    strict: true,
    allowUnionTypes: true,
    discriminator: true,
    verbose: true,
  });
  const validate = ajv.compile(schema);
  return (value) => {
    validate(value);
    const errors = validate.errors ?? [];
    const reported = new Map<string, SchemaDiagnostic>();
    for (const error of errors) {
      // What of several forms would do is said once, by the one that stands for them all.
      if (isOfOneForm(error, errors)) continue;
      // Why a key is not valid, another error says.
      if (error.keyword === "propertyNames") continue;
      const diagnostic = explain(error);
      const key = JSON.stringify(diagnostic.path);
      if (!reported.has(key)) reported.set(key, diagnostic);
    }
    return [...reported.values()];
  };
}

function isOfOneForm(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  return errors.some(
    ({ keyword, schemaPath }) =>
      (keyword === "anyOf" || keyword === "oneOf") &&
      schemaPath !== error.schemaPath &&
      error.schemaPath.startsWith(`${schemaPath}/`),
  );
}

function explain(error: ErrorObject): SchemaDiagnostic {
  const path = placesOf(error.instancePath);
  const { keyword, params } = error;
  const extra = (params as { additionalProperty?: unknown }).additionalProperty;
  if (keyword === "additionalProperties" && typeof extra === "string") {
    const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
    return {
      path: [...path, extra],
      message: `${extra}: no such key.${suggestion(extra, known)}`.replace(/\.$/, ""),
    };
  }
  if (error.propertyName !== undefined) {
    const key = error.propertyName;
    return { path: [...path, key], message: `${key}: such a key ${complaint(error)}` };
  }
  const name = path.findLast((part) => typeof part === "string");
  return { path, message: name === undefined ? complaint(error) : `${name}: ${complaint(error)}` };
}

function complaint({ keyword, params, message, parentSchema }: ErrorObject): string {
  const given = params as Readonly<Record<string, unknown>>;
  // A schema may say in words what it wants, for whoever reads the diagnostic.
  const { description } = (parentSchema ?? {}) as { readonly description?: unknown };
  switch (keyword) {
    case "required":
      return `${String(given.missingProperty)} is missing`;
    case "enum":
      return `must be one of ${(given.allowedValues as readonly unknown[]).map(String).join(", ")}`;
    case "const":
      return `must be ${String(given.allowedValue)}`;
    case "type":
      return `must be ${kindName(given.type)}`;
    case "pattern":
      return typeof description === "string"
        ? `must be: ${description}`
        : `must match ${String(given.pattern)}`;
    case "discriminator":
      return `${String(given.tag)} must be one of ${tagsOf(parentSchema, String(given.tag)).join(", ")}`;
    case "anyOf":
    case "oneOf":
      return typeof description === "string" ? `must be: ${description}` : "is of no form that is known here";
    default:
      return bounds[keyword]?.(Number(given.limit)) ?? message ?? "is not valid";
  }
}

const count = (limit: number, [one, many]: readonly [string, string]) =>
  `${limit} ${limit === 1 ? one : many}`;
const items = ["item", "items"] as const;
const characters = ["character", "characters"] as const;

/** What a value is short of, or over, by the schema's keyword. */
const bounds: Readonly<Record<string, (limit: number) => string>> = {
  minimum: (limit) => `must be at least ${limit}`,
  maximum: (limit) => `must be at most ${limit}`,
  exclusiveMinimum: (limit) => `must be above ${limit}`,
  exclusiveMaximum: (limit) => `must be below ${limit}`,
  minItems: (limit) => `must have at least ${count(limit, items)}`,
  maxItems: (limit) => `must have at most ${count(limit, items)}`,
  minLength: (limit) => `must have at least ${count(limit, characters)}`,
  maxLength: (limit) => `must have at most ${count(limit, characters)}`,
};

/** What may stand under the key that says of which form something is. */
function tagsOf(schema: ErrorObject["parentSchema"], tag: string): string[] {
  const { oneOf: forms = [] } = (schema ?? {}) as {
    readonly oneOf?: readonly {
      readonly properties?: Readonly<Record<string, { readonly const?: unknown }>>;
    }[];
  };
  return forms.map(({ properties }) => String(properties?.[tag]?.const));
}

const kindNames: Readonly<Record<string, string>> = {
  integer: "a whole number",
  number: "a number",
  string: "text",
  boolean: "true or false",
  array: "a list",
  object: "a table of keys and values",
  null: "empty",
};

function kindName(type: unknown): string {
  const kinds = Array.isArray(type) ? type : [type];
  return kinds.map((kind) => kindNames[String(kind)] ?? String(kind)).join(" or ");
}

function placesOf(pointer: string): (string | number)[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
