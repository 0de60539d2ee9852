import type { ProtocolLimits } from "../../contracts/protocol-choice.ts";
import type { HostSources } from "../hosts/description.ts";
import { checkParameters } from "./check.ts";
import { type CheckedParameters, type GivenParameters, openParameters } from "./given.ts";

/**
 * For `local-network`: one load (transactionRate, 100) of numTransactions (1,000), and no bundle unless an
 * output folder is given.
 */
export function checkLocalNetwork(
  given: GivenParameters,
  protocol: ProtocolLimits,
  hosts?: HostSources,
): CheckedParameters {
  const { take, diagnostics } = openParameters(given);
  const rate = take("transactionRate", 100);
  const once: GivenParameters = {
    numTransactions: { name: "num-transactions", value: 1000, rank: 3 },
    fileOutput: { name: "file-output", value: given.outputDir !== undefined, rank: 3 },
    ...given,
    loads: { name: given.transactionRate?.name ?? "transaction-rate", value: rate, rank: 0 },
  };
  const { parameters, diagnostics: others } = checkParameters(once, protocol, hosts);
  return { parameters, diagnostics: [...diagnostics, ...others] };
}

/** The same for `remote-network`, on hosts. */
export function checkRemoteNetwork(given: GivenParameters, protocol: ProtocolLimits, hosts: HostSources) {
  const networkType = { name: "remote-network", value: "remote", rank: 0 };
  return checkLocalNetwork({ ...given, networkType }, protocol, hosts);
}
