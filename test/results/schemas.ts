import { readFile } from "node:fs/promises";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";

export type SchemaName =
  | "bench"
  | "run"
  | "summary"
  | "comparison"
  | "calibration"
  | "doctor"
  | "native-run"
  | "native-summary"
  | "variation"
  | "test-results";

export async function readSchema(name: SchemaName): Promise<Record<string, unknown>> {
  const text = await readFile(new URL(`../../schema/${name}.schema.json`, import.meta.url), "utf8");
  return JSON.parse(text) as Record<string, unknown>;
}

/** Checks a document as a reader of the file meets it; returns what is wrong with it. */
export async function openValidator(name: SchemaName): Promise<(document: unknown) => readonly string[]> {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(await readSchema(name));
  return (document) =>
    validate(JSON.parse(JSON.stringify(document)))
      ? []
      : (validate.errors ?? []).map(({ instancePath, message, params }) =>
          [instancePath, message, JSON.stringify(params)].join(" "),
        );
}
