import { growthForm } from "../../../contracts/results/growth.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { NodesTally } from "../../../metrics/nodes/tally.ts";
import { beganAnew } from "../../schema/histogram-names.ts";
import { runFileName } from "../../schema/published-run.ts";
import type { Contents } from "../contents/contents.ts";
import type { Findings } from "../contents/findings.ts";

/** Whether the memory of nodes grew follows from their seconds in the events. */
export function checkGrowth({ measured, reported }: Contents, findings: Findings): void {
  for (const run of measured) {
    const found = findings.in(runFileName(run));
    const tally = new NodesTally(run.parameters.durationSecs);
    for (const event of reported.get(run.benchmarkNumber)?.all ?? []) {
      if (event.type === "machine-second") tally.add(event.second, event.nodes ?? []);
    }
    const crashed = new Set(run.faults.filter(beganAnew).map(({ node }) => node));
    for (const [list, nodes] of [
      ["nodes", run.nodes],
      ["helpers", run.helpers ?? []],
    ] as const) {
      for (const [place, { name, memoryGrowth }] of nodes.entries()) {
        const again = crashed.has(name) ? undefined : tally.memoryGrowth(name);
        const written = (one: typeof again) => one && writeForm(growthForm, one);
        found.sameJson(`${list}[${place}].memory_growth`, written(memoryGrowth), written(again));
      }
    }
  }
}
