/** What earlier commands left, and whether another one is under way. */
import type { RunLeftovers } from "../../contracts/hosts/host-report.ts";
import type { LockHolder } from "../../core/process/lock.ts";
import { removalCommand } from "../../deploy/engine/ownership.ts";
import type { Diagnosis, Finding } from "./diagnosis.ts";

/** Of the things of one run so many are named. */
const namedThings = 4;

export function judgeLeftovers(runs: readonly RunLeftovers[], holder: LockHolder | undefined): Diagnosis {
  const findings: Finding[] = runs
    .filter(({ inUse }) => !inUse)
    .map(({ run, what }) => {
      const more = what.length > namedThings ? ` and ${what.length - namedThings} more` : "";
      const message = `Run ${run} left ${what.slice(0, namedThings).join(", ")}${more}. Remove it:`;
      return { severity: "warning", code: "leftovers", message, command: removalCommand(run) };
    });
  if (holder !== undefined) {
    const { run, pid, command: line, since } = holder;
    const message = `Run ${run} is under way on this machine since ${since} (process ${pid}: ${line}), and no other can start. Wait for it, or stop it:`;
    findings.push({ severity: "fault", code: "locked", message, command: `kill ${pid}` });
  }
  const left = runs.filter(({ inUse }) => !inUse).length;
  const summary = [
    left === 0 ? "nothing is left" : `${left} ${left === 1 ? "run has" : "runs have"} left something`,
    ...(holder === undefined ? [] : ["one is under way"]),
  ].join(", ");
  return { name: "Earlier runs", summary, findings };
}
