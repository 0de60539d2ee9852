import type { FaultRecord } from "../../../contracts/results/faults.ts";
import { rounded } from "../../../core/documents/numbers.ts";
import { type Contents, fileOf } from "../contents/contents.ts";
import { runsInEvents } from "../contents/events.ts";
import type { Findings } from "../contents/findings.ts";

const times = {
  issuedSecs: "issued_secs",
  answersSecs: "answers_secs",
  effectiveSecs: "effective_secs",
} as const satisfies Partial<Record<keyof FaultRecord, string>>;

/** What was done to nodes on purpose was told by events when it was done, with the same times. */
export function checkFaults({ runs, events }: Contents, findings: Findings): void {
  const reported = runsInEvents(events);
  for (const run of runs) {
    const all = reported.get(run.benchmarkNumber)?.all ?? [];
    for (const [index, fault] of run.faults.entries()) {
      const key = `results.faults[${index}]`;
      const own = all.filter(
        (event) =>
          event.type === "fault" &&
          event.node === fault.node &&
          event.action === fault.action &&
          rounded(event.askedSecs) === fault.askedSecs,
      ) as readonly FaultRecord[];
      findings.holds({ file: fileOf(run), key }, `${fault.action} of ${fault.node} at ${fault.askedSecs} s`, {
        holds: own.length > 0 || fault.issuedSecs === undefined,
        follows: "a fault that an event tells",
      });
      for (const [field, name] of Object.entries(times) as [keyof typeof times, string][]) {
        for (const event of own) {
          const follows = event[field];
          // Each event tells what was known by then.
          if (follows === undefined) continue;
          findings.same({ file: fileOf(run), key: `${key}.${name}` }, fault[field], rounded(follows));
        }
      }
    }
  }
}
