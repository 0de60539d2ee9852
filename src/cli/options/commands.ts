import { type CommandDescriptor, commandTable, type Operand } from "./command-table.ts";

export { binaryNames, type Operand } from "./command-table.ts";

export type CommandName = keyof typeof commandTable;

/** What can be done: `baleen NAME`. */
export const commandNames = Object.keys(commandTable) as readonly CommandName[];

export function describeCommand(command: CommandName): CommandDescriptor {
  return commandTable[command];
}

export function operandsOf(command: CommandName): readonly Operand[] {
  return describeCommand(command).operands ?? [];
}
