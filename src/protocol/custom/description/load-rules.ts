import type { SchemaDiagnostic } from "../../../core/documents/schema-issues.ts";
import { listIn, tableIn } from "./loose.ts";
import { nodeTexts } from "./outline.ts";
import { templateVariables } from "./template.ts";

/** What no schema says of who makes the load: Baleen sends transactions, or the nodes make it themselves. */
export function loadDiagnostics(file: unknown): SchemaDiagnostic[] {
  const table = tableIn(file);
  if (!("load" in table)) {
    // A file that says nothing at all is told so already.
    if ("transaction" in table || Object.keys(table).length === 0) return [];
    const message = "transaction is missing: how one is sent (or load, where the nodes make it themselves)";
    return [{ path: [], message }];
  }
  const unused = ["transaction", "commits"].filter((key) => key in table);
  return [
    ...unused.map((key) => ({
      path: [key],
      message: `${key}: where the nodes make the load nothing is sent; leave it out, or leave load out`,
    })),
    ...("metrics" in table
      ? [{ path: ["metrics"], message: "metrics: name them under load, as keep; leave this one out" }]
      : []),
    ...(isRateReported(file) ? [] : [{ path: ["load"], message: rateUntold }]),
  ];
}

const rateUntold =
  "load: no command, environment or file of the committee holds ${load.rate} or ${load.node-rate}, so that its nodes would not know their load";

function isRateReported(file: unknown): boolean {
  const groups = listIn(file, "nodes").filter((group) => !("count" in tableIn(group)));
  const used = groups.flatMap(nodeTexts).flatMap(({ text }) => templateVariables(text));
  return used.includes("load.rate") || used.includes("load.node-rate");
}
