import type { HostSources } from "../hosts/description.ts";
import { openReader } from "../rules/rule.ts";
import { rules } from "../rules/rules.ts";
import { checkParameters, type ProtocolLimits } from "./check.ts";
import type { CheckedParameters, GivenParameters } from "./given.ts";

/**
 * For `local-network`: one load (transactionRate, 100) of numTransactions (1,000), and no bundle unless an
 * output folder is given.
 */
export function checkLocalNetwork(given: GivenParameters, protocol: ProtocolLimits): CheckedParameters {
  const reader = openReader();
  const rate = reader.read(rules.transactionRate, given.transactionRate, 100);
  const { parameters, diagnostics } = checkParameters(onceGiven(given, rate), protocol);
  return { parameters, diagnostics: [...reader.diagnostics, ...diagnostics] };
}

/** The same for `remote-network`, on hosts. */
export function checkRemoteNetwork(
  given: GivenParameters,
  protocol: ProtocolLimits,
  hosts: HostSources,
): CheckedParameters {
  const reader = openReader();
  const rate = reader.read(rules.transactionRate, given.transactionRate, 100);
  const networkType = { name: "remote-network", value: "remote", rank: 0 };
  const { parameters, diagnostics } = checkParameters(
    { ...onceGiven(given, rate), networkType },
    protocol,
    hosts,
  );
  return { parameters, diagnostics: [...reader.diagnostics, ...diagnostics] };
}

function onceGiven(given: GivenParameters, rate: number): GivenParameters {
  return {
    numTransactions: { name: "num-transactions", value: 1000, rank: 3 },
    fileOutput: { name: "file-output", value: given.outputDir !== undefined, rank: 3 },
    ...given,
    loads: { name: given.transactionRate?.name ?? "transaction-rate", value: rate, rank: 0 },
  };
}
