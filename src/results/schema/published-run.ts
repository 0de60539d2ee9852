/** The published form of a run, whoever made its load. */
import { type MeasuredRun, nativeRunSchema } from "../../contracts/results/native.ts";
import type { Form } from "../../core/documents/form.ts";
import { buildNativeRunJson, nativeRunFileName, nativeRunForm, parseNativeRunJson } from "./native-run.ts";
import { buildRunJson, parseRunJson, runFileName, runForm } from "./run.ts";

export const measuredRunJson = (run: MeasuredRun) =>
  run.kind === "native" ? buildNativeRunJson(run) : buildRunJson(run);

/** Name of its file in the bundle. */
export const measuredFileName = (run: MeasuredRun) =>
  run.kind === "native" ? nativeRunFileName(run) : runFileName(run);

/**
 * The inverse of `measuredRunJson`.
 *
 * @throws EarlierVersionError
 * @throws FormError naming what is missing or wrong
 */
export function parseMeasuredRun(document: unknown): MeasuredRun {
  const schema = (document as { readonly schema?: unknown } | null)?.schema;
  return schema === nativeRunSchema ? parseNativeRunJson(document) : parseRunJson(document);
}

/**
 * The run as its file holds it, with rounded numbers. What is computed or decided from runs is computed from these, so
 * that it comes out the same for whoever reads the files.
 */
export function publishedRun<Run extends MeasuredRun>(run: Run): Run {
  const known = published.get(run) as Run | undefined;
  if (known !== undefined) return known;
  // A form is read as what it was made of.
  const form: unknown = run.kind === "native" ? nativeRunForm : runForm;
  const read = (form as Form<Run>).parts.read(measuredRunJson(run));
  published.set(run, read).set(read, read);
  return read;
}

const published = new WeakMap<MeasuredRun, MeasuredRun>();
