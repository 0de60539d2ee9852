import type { Protocol } from "../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { HealthDescription } from "./description.ts";

/** Asks one node for its health as the description has it. */
export function buildProbe(_health: HealthDescription): Protocol["probe"] {
  return () => Promise.reject(new InvalidArgumentError("Described systems have no health yet."));
}
