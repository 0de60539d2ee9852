import { isIP } from "node:net";
import { InvalidArgumentError } from "../core/errors.ts";

/** All our rules stand in this chain of iptables' raw table, so that clean-up finds them and no others. */
export const chainName = "BALEEN-SHAPER";

const jump = ["PREROUTING", "-j", chainName] as const;

/** Runs a command by its words. @returns its exit code */
export type RunArgv = (argv: readonly string[]) => Promise<{ readonly exitCode: number }>;

export interface QueueRule {
  readonly namespacePath: string;
  readonly queue: number;
  /** IPv4 addresses or subnets whose packets wait in the queue. */
  readonly senders: readonly string[];
}

/** iptables in a network namespace: the one here, from /usr/sbin of this machine. */
const inNamespace = (namespacePath: string, ...words: readonly string[]) => [
  "nsenter",
  `--net=${namespacePath}`,
  "iptables",
  "-w",
  "-t",
  "raw",
  ...words,
];

/**
 * Commands that lead packets into a queue, in this order; they pass at once as long as no process holds it. After
 * `removalCommands`, since a chain can be made once.
 *
 * @throws InvalidArgumentError where a sender is no IPv4 address or subnet
 */
export function installCommands({ namespacePath, queue, senders }: QueueRule): string[][] {
  const wrong = senders.find((sender) => isIP(sender.replace(/\/([12]?[0-9]|3[0-2])$/, "")) !== 4);
  if (wrong !== undefined) {
    throw new InvalidArgumentError(`${wrong} is no IPv4 address or subnet such as 10.0.0.0/24.`);
  }
  const target = ["-j", "NFQUEUE", "--queue-num", String(queue), "--queue-bypass"];
  return [
    inNamespace(namespacePath, "-N", chainName),
    ...senders.map((sender) => inNamespace(namespacePath, "-A", chainName, "-s", sender, ...target)),
    inNamespace(namespacePath, "-A", ...jump),
  ];
}

/** Commands that remove all our rules of a namespace. Each fails where there is nothing to remove. */
export const removalCommands = (namespacePath: string): string[][] => [
  inNamespace(namespacePath, "-D", ...jump),
  inNamespace(namespacePath, "-F", chainName),
  inNamespace(namespacePath, "-X", chainName),
];

/** Whether any of our rules is there: exit code 0. */
export const findCommand = (namespacePath: string): string[] => inNamespace(namespacePath, "-S", chainName);

/** Removes our rules, also those that a killed process left. @returns whether there were any */
export async function removeRules(namespacePath: string, run: RunArgv): Promise<boolean> {
  const { exitCode } = await run(findCommand(namespacePath));
  if (exitCode !== 0) return false;
  for (const argv of removalCommands(namespacePath)) await run(argv);
  return true;
}
