/** Options of described systems. */
import type { DeploymentRequest, ProtocolOption } from "../../contracts/protocol.ts";
import { checkedOptions, committeeDiagnostics } from "../../contracts/protocol-options.ts";
import type { AllowedValue } from "../../core/allowed-value.ts";
import { camelCase } from "../../core/keys.ts";
import type { CustomFile, OptionEntry } from "./schema/schema.ts";

const largestCommittee = 10_000;

/** A description's options under the names that protocols give them: "heartbeat-ms" is heartbeatMs. */
export function buildOptions({ options = {} }: CustomFile): readonly ProtocolOption[] {
  return Object.entries(options).map(([name, option]) => ({
    name: inCamelCase(name),
    meaning: option.meaning,
    allowed: allowedBy(option),
    default: option.default,
    remoteDefault: option["remote-default"],
  }));
}

/** Values by the names that variables have. @throws ConfigurationError */
export function readOptions(
  file: CustomFile,
  { nodes, options }: DeploymentRequest,
): Readonly<Record<string, number | string>> {
  const ofCommittee = committeeDiagnostics(nodes, largestCommittee);
  const values = checkedOptions(file.name, buildOptions(file), options, ofCommittee);
  const names = Object.keys(file.options ?? {});
  return Object.fromEntries(names.map((name) => [name, values[inCamelCase(name)] ?? ""]));
}

function allowedBy({
  default: usual,
  "remote-default": remote = usual,
  from: least = -Number.MAX_SAFE_INTEGER,
  to: most = Number.MAX_SAFE_INTEGER,
  choices,
}: OptionEntry): AllowedValue {
  if (typeof usual === "string")
    return choices === undefined ? { kind: "text" } : { kind: "choice", choices };
  // Whoever writes whole numbers alone means whole numbers.
  return { kind: "number", least, most, whole: [usual, remote, least, most].every(Number.isInteger) };
}

const inCamelCase = (name: string) => camelCase(name.replaceAll("-", "_"));
