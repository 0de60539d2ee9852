/** Parts that schemas of users' YAML files are made of. Texts in `description` stand in diagnostics. */
import type * as z from "zod";

/** Given, so that a command without such a file does without it. */
export type Zod = typeof z;

/** Help for editors; a part that says in its description what it must be keeps that for diagnostics. */
export const about = <T extends z.ZodType>(help: string, part: T): T =>
  part.meta(part.description === undefined ? { description: help } : { title: help });

export function makeCommonParts(z: Zod) {
  /** A text of a form that its description tells, in diagnostics too. */
  const said = (pattern: RegExp, description: string) =>
    z
      .string()
      .regex(pattern, { error: `must be: ${description}` })
      .describe(description);

  const word = said(
    /^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/u,
    "lower case letters and digits, in words separated by dashes",
  );

  const whole = (least: number, most: number) => {
    const errors: Readonly<Record<string, string>> = {
      invalid_type: "must be a whole number",
      too_small: `must be at least ${least}`,
      too_big: `must be at most ${most}`,
    };
    return z
      .int({ error: ({ code }) => errors[code] })
      .min(least)
      .max(most);
  };

  /** A table whose keys the user chooses. The values of wrong keys are checked too. */
  const named = <T extends z.ZodType>(values: T, names = word) => {
    const { $schema: _, ...propertyNames } = z.toJSONSchema(names);
    return z
      .record(z.string(), values)
      .superRefine(
        (table, { addIssue }) => {
          for (const key of Object.keys(table)) {
            const { error } = names.safeParse(key);
            if (error === undefined) continue;
            addIssue({
              code: "invalid_key",
              origin: "record",
              issues: error.issues,
              input: key,
              path: [key],
            });
          }
        },
        // Also where some of the values are wrong.
        { when: ({ value }) => z.core.util.isPlainObject(value) },
      )
      .meta({ propertyNames });
  };

  return { said, word, whole, named, line: said(/^[^\r\n]+$/u, "a line of text") };
}
