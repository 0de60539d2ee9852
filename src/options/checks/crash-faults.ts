import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import { knownLoadsTps, windowSecsAt } from "../../load/level/phases.ts";
import { defaultParameters } from "../parameters.ts";
import { formatCount } from "../rules/rule.ts";
import type { ParameterReader } from "./given.ts";

/** Latencies are kept for each segment between two crashes, about a megabyte, so their number has a bound. */
const mostCrashes = 100;

/** Reads them; how many nodes may crash depends on the committee. */
export function readCrashFaults(
  committee: { readonly nodes: number; readonly toleratedFaults: Protocol["toleratedFaults"] },
  { given, take, diagnostics: found }: ParameterReader,
): Pick<SweepParameters, "faults" | "crashRecovery" | "crashIntervalSecs" | "failover" | "allowNoQuorum"> {
  const { nodes, toleratedFaults } = committee;
  const faults = take("faults", defaultParameters.faults);
  const crashRecovery = take("crashRecovery", defaultParameters.crashRecovery);
  const allowNoQuorum = take("allowNoQuorum", defaultParameters.allowNoQuorum);
  const name = given.faults?.name ?? "faults";
  const tolerated = toleratedFaults(nodes);
  if (faults > nodes) {
    found.push({
      code: "too-many-faults",
      message: `${name}: ${faults} nodes are more than the committee of ${nodes}. Use at most ${tolerated}, or a larger committee.`,
    });
  } else if (faults > tolerated && !allowNoQuorum) {
    found.push({
      code: "too-many-faults",
      message: `${name}: ${faults} is more than the f = ${tolerated} crashed nodes that a committee of ${nodes} tolerates; without a quorum nothing commits. ${remedyFor(faults, committee)}, or pass --allow-no-quorum to continue.`,
    });
  }
  if (crashRecovery && faults === 0) {
    found.push({
      code: "contradiction",
      message: `${given.crashRecovery?.name ?? "crashRecovery"}: no node crashes, so none can recover. Set the number with --faults, or remove it.`,
    });
  }
  return {
    faults,
    crashRecovery,
    crashIntervalSecs: take("crashInterval", defaultParameters.crashIntervalSecs),
    failover: take("failover", defaultParameters.failover),
    allowNoQuorum,
  };
}

function remedyFor(
  faults: number,
  { nodes, toleratedFaults }: { readonly nodes: number; readonly toleratedFaults: (n: number) => number },
): string {
  const larger = Array.from({ length: 512 }, (_, index) => nodes + 1 + index).find(
    (count) => toleratedFaults(count) >= faults,
  );
  const fewer = toleratedFaults(nodes) === 0 ? "Give 0" : `Use at most ${toleratedFaults(nodes)}`;
  return larger === undefined ? fewer : `${fewer}, or a committee of at least ${larger}`;
}

/** With recovery, nodes must be able to come back within every window, and not too often. */
export function checkCrashInterval(
  parameters: SweepParameters,
  { given, diagnostics: found }: ParameterReader,
): void {
  const { crashRecovery, crashIntervalSecs, faults } = parameters;
  if (!crashRecovery || faults === 0) return;
  const name = given.crashInterval?.name ?? given.crashRecovery?.name ?? "crashInterval";
  const windowsSecs = knownLoadsTps(parameters).map((loadTps) => windowSecsAt(loadTps, parameters));
  const [shortest, longest] = [Math.min(...windowsSecs), Math.max(...windowsSecs)];
  if (crashIntervalSecs >= shortest) {
    found.push({
      code: "invalid-value",
      message: `${name}: nodes that recover after ${formatCount(crashIntervalSecs)} s do not recover within a window of ${formatCount(shortest)} s. Use a --crash-interval below ${formatCount(shortest)}, or a longer window.`,
    });
  }
  if (longest / crashIntervalSecs > mostCrashes) {
    found.push({
      code: "invalid-value",
      message: `${name}: a crash every ${formatCount(crashIntervalSecs)} s in a window of ${formatCount(longest)} s is more than the maximum of ${mostCrashes}. Use a longer --crash-interval or a shorter window.`,
    });
  }
}
