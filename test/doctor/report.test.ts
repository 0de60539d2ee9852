import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { buildDiagnosesJson, formatDiagnoses } from "../../src/doctor/report.ts";
import type { Diagnosis } from "../../src/doctor/run-checks.ts";
import { openValidator } from "../results/schemas.ts";

const linesOf = (diagnoses: readonly Diagnosis[]) =>
  formatDiagnoses(diagnoses).map((line) =>
    typeof line === "string" ? line : line.map(({ text }) => text).join(""),
  );
const well: Diagnosis = { name: "Node.js", summary: "24.1.0", findings: [] };
const command = "sudo prlimit --pid $$ --nofile=65536 # a long command is never broken over several lines";
const ill: Diagnosis = {
  name: "Open files",
  summary: "at most 64",
  findings: [
    {
      severity: "fault",
      code: "open-files",
      message: `Too few.\x1b[2J Raise the limit: ${command}`,
      command,
    },
    { severity: "warning", code: "image-missing", message: "Something else." },
  ],
};

describe("as text", () => {
  test("each check, what is wrong with it, and a command that can be copied", () => {
    expect(linesOf([well, ill]).join("\n")).toBe(`ok       Node.js           24.1.0
fault    Open files        at most 64
         Too few.\\u001b[2J Raise the limit:
           ${command}
         Something else.

1 fault, 1 warning.`);
    expect(linesOf([well]).slice(-2)).toEqual(["", "No problems found."]);
  });

  test("no line is wider than 80 columns where words and names are not", () => {
    const word = fc.string({ minLength: 1, maxLength: 30 });
    const text = fc.array(word, { maxLength: 30 }).map((words) => words.join(" "));
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), text, text, (name, summary, message) => {
        const findings = [{ severity: "warning", code: "memory", message }] as const;
        for (const line of linesOf([{ name, summary, findings }])) {
          expect(line.length).toBeLessThanOrEqual(80);
        }
      }),
    );
  });
});

test("as JSON, of the form that the schema describes", async () => {
  const validate = await openValidator("doctor");
  const document = buildDiagnosesJson([well, ill]);
  expect(validate(document)).toEqual([]);
  expect(document).toMatchObject({ ready: false, faults: 1, warnings: 1 });
  expect(validate({ ...document, ready: "no" })).not.toEqual([]);
});
