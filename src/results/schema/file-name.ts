import { InvalidArgumentError } from "../../core/errors.ts";

/** A name that stays inside its folder; node names may come from files that others wrote. */
export function checkedFileName(name: string): string {
  if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name)) return name;
  throw new InvalidArgumentError(
    `Cannot use ${JSON.stringify(name)} as a file name: letters, digits, "_", "." and "-" only.`,
  );
}
