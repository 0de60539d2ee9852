import type { NodeName } from "../contracts/deployment.ts";
import { InvalidArgumentError } from "../core/errors.ts";

/** `exported` for nodes that start after no other. */
export function nothingExported(node: NodeName, name: string): never {
  throw new InvalidArgumentError(
    `${node} exports no ${name} to this group: let it start after the group of ${node}.`,
  );
}
