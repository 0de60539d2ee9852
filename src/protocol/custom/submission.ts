import type { Submission } from "../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { CustomDescription } from "./description.ts";

/** How a described system takes transactions. */
export function buildSubmission(description: CustomDescription): Submission {
  const unfit = () => {
    throw new InvalidArgumentError(`${description.name} has no submission yet.`);
  };
  return { path: "/", headers: {}, body: unfit, classify: unfit };
}
