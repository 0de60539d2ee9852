/** Parts that the schema of descriptions is made of. Texts in `description` stand in diagnostics. */
import * as z from "zod";

export const variables = "May hold variables, ${…}; $$ is a dollar.";

/** A text of a form that its description tells, in diagnostics too. */
export const said = (pattern: RegExp, description: string) =>
  z
    .string()
    .regex(pattern, { error: `must be: ${description}` })
    .describe(description);

/** Help for editors; a part that says in its description what it must be keeps that for diagnostics. */
export const about = <T extends z.ZodType>(help: string, part: T): T =>
  part.meta(part.description === undefined ? { description: help } : { title: help });

export const text = z.string().min(1);
export const line = said(/^[^\r\n]+$/u, "a line of text");
export const word = said(
  /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/u,
  "lower case letters and digits, in words with a dash between",
);
/** Texts of commands and environments may be written without quotes. */
export const scalar = z.union([z.string(), z.number(), z.boolean()]);
export const pointer = said(/^(\/([^~/]|~[01])*)*$/u, "a JSON Pointer (RFC 6901), as /result/height");
export const plane = z.enum(["rpc", "peer", "metrics"]);
/** Those of nodes for one another are not open to the machine that runs Baleen where nodes are containers. */
export const reachedPlane = z.enum(["rpc", "metrics"]);
export const urlPath = said(/^\/[!-~]*$/u, "a path of a URL, from its first slash");

export function whole(least: number, most: number) {
  const errors: Readonly<Record<string, string>> = {
    invalid_type: "must be a whole number",
    too_small: `must be at least ${least}`,
    too_big: `must be at most ${most}`,
  };
  return z
    .int({ error: ({ code }) => errors[code] })
    .min(least)
    .max(most);
}

/** A table whose keys the user chooses; what stands under a wrong one is looked at too. */
export function named<T extends z.ZodType>(values: T, names = word) {
  const { $schema: _, ...propertyNames } = z.toJSONSchema(names);
  return z
    .record(z.string(), values)
    .superRefine(
      (table, { addIssue }) => {
        for (const key of Object.keys(table)) {
          const { error } = names.safeParse(key);
          if (error === undefined) continue;
          addIssue({ code: "invalid_key", origin: "record", issues: error.issues, input: key, path: [key] });
        }
      },
      // Also where some of the values are wrong.
      { when: ({ value }) => z.core.util.isPlainObject(value) },
    )
    .meta({ propertyNames });
}
