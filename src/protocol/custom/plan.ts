import type { DeploymentPlan } from "../../contracts/deployment.ts";
import type { DeploymentRequest, ProtocolOption } from "../../contracts/protocol.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import type { CustomDescription } from "./description.ts";

/** Absolute path of the program of a name; undefined where there is none. */
export type FindProgram = (name: string) => string | undefined;

/** The description's options under the names that protocols give them: "heartbeat-ms" is heartbeatMs. */
export function buildOptions({ options }: CustomDescription): readonly ProtocolOption[] {
  return options.map((option) => ({
    ...option,
    name: option.name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
  }));
}

/** Makes plans of the described system. */
export function buildPlan(
  { name }: CustomDescription,
  _known: {
    readonly findProgram?: FindProgram | undefined;
    readonly toleratedFaults: (nodes: number) => number;
  },
): (request: DeploymentRequest) => DeploymentPlan {
  return () => {
    throw new InvalidArgumentError(`${name} has no plan yet.`);
  };
}
