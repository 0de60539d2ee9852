import type { SweepParameters } from "../../contracts/parameters.ts";
import type { Protocol } from "../../contracts/protocol.ts";
import { knownLoadsTps, windowSecsAt } from "../../load/level/phases.ts";
import { defaultParameters } from "../defaults.ts";
import { formatCount } from "../rules/rule.ts";
import type { ParameterReader } from "./given.ts";

/** Latencies are kept for each segment between two crashes, about a megabyte, so their number has a bound. */
const mostCrashes = 100;

interface Committee extends Pick<Protocol, "toleratedFaults"> {
  readonly nodes: number;
}

/** Reads them; how many nodes may crash depends on the committee. */
export function readCrashFaults(
  committee: Committee,
  { take, refuse }: ParameterReader,
): Pick<SweepParameters, "faults" | "crashRecovery" | "crashIntervalSecs" | "failover" | "allowNoQuorum"> {
  const { nodes, toleratedFaults } = committee;
  const faults = take("faults", defaultParameters.faults);
  const crashRecovery = take("crashRecovery", defaultParameters.crashRecovery);
  const allowNoQuorum = take("allowNoQuorum", defaultParameters.allowNoQuorum);
  const tolerated = toleratedFaults(nodes);
  if (faults > nodes) {
    const why = `${faults} nodes are more than the committee of ${nodes}. Use at most ${tolerated}, or a larger committee.`;
    refuse("faults", why, "too-many-faults");
  } else if (faults > tolerated && !allowNoQuorum) {
    const why = `${faults} is more than the f = ${tolerated} crashed nodes that a committee of ${nodes} tolerates; without a quorum nothing commits. ${remedyFor(faults, committee)}, or pass --allow-no-quorum to continue.`;
    refuse("faults", why, "too-many-faults");
  }
  if (crashRecovery && faults === 0) {
    const why = "no node crashes, so none can recover. Set the number with --faults, or remove it.";
    refuse("crashRecovery", why);
  }
  return {
    faults,
    crashRecovery,
    crashIntervalSecs: take("crashInterval", defaultParameters.crashIntervalSecs),
    failover: take("failover", defaultParameters.failover),
    allowNoQuorum,
  };
}

function remedyFor(faults: number, { nodes, toleratedFaults }: Committee): string {
  const larger = Array.from({ length: 512 }, (_, index) => nodes + 1 + index).find(
    (count) => toleratedFaults(count) >= faults,
  );
  const fewer = toleratedFaults(nodes) === 0 ? "Give 0" : `Use at most ${toleratedFaults(nodes)}`;
  return larger === undefined ? fewer : `${fewer}, or a committee of at least ${larger}`;
}

/** With recovery, nodes must be able to come back within every window, and not too often. */
export function checkCrashInterval(parameters: SweepParameters, { given, refuse }: ParameterReader): void {
  const { crashRecovery, crashIntervalSecs, faults } = parameters;
  if (!crashRecovery || faults === 0) return;
  const name = given.crashInterval ?? given.crashRecovery ?? "crashInterval";
  const windowsSecs = knownLoadsTps(parameters).map((loadTps) => windowSecsAt(loadTps, parameters));
  const [shortest, longest] = [Math.min(...windowsSecs), Math.max(...windowsSecs)];
  if (crashIntervalSecs >= shortest) {
    const why = `nodes that recover after ${formatCount(crashIntervalSecs)} s do not recover within a window of ${formatCount(shortest)} s. Use a --crash-interval below ${formatCount(shortest)}, or a longer window.`;
    refuse(name, why, "invalid-value");
  }
  if (longest / crashIntervalSecs > mostCrashes) {
    const why = `a crash every ${formatCount(crashIntervalSecs)} s in a window of ${formatCount(longest)} s is more than the maximum of ${mostCrashes}. Use a longer --crash-interval or a shorter window.`;
    refuse(name, why, "invalid-value");
  }
}
