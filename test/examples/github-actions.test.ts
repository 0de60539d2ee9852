import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { gatherOptions } from "../../src/cli/options/sources.ts";
import { readText } from "../../src/core/documents/read-text.ts";
import { parseYaml } from "../../src/core/documents/yaml.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const text = await readFile(join(root, "examples/github-actions.yml"), "utf8");

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

const workflow = parseYaml(text) as Workflow;
const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
const [script = "", ...flags] = steps.flatMap(({ name, run }) =>
  name === "Benchmark" ? (run ?? "").split(" ") : [],
);

test("it runs for pull requests, and may write comments and nothing else", () => {
  expect(workflow.on).toHaveProperty("pull_request");
  expect(workflow.permissions).toEqual({ contents: "read", "pull-requests": "write" });
});

test("each step is one action, pinned to a commit, or commands", () => {
  for (const { uses, run } of steps) expect([uses, run].filter((one) => one !== undefined)).toHaveLength(1);
  const actions = text.match(/uses: .*/g) ?? [];
  expect(actions).toHaveLength(5);
  for (const action of actions)
    expect(action).toMatch(/^uses: actions\/[a-z/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("the script is there and may be run, and its flags mean something to benchmark", async () => {
  await access(join(root, script), constants.X_OK);
  const { given, diagnostics } = gatherOptions("benchmark", {
    ...{ argv: flags, env: {}, home: homedir() },
    readFile: (path) => readText(join(root, path)),
  });
  expect(diagnostics).toEqual([]);
  expect(given).toMatchObject({ markdown: { value: "report.md" }, junit: { value: "report.xml" } });
});

test("what fails fails the job, and later steps show and keep the results all the same", () => {
  expect(text).not.toMatch(/continue-on-error|\|\| (true|:)/);
  const at = steps.findIndex(({ name }) => name === "Benchmark");
  expect(steps[at]?.if).toBeUndefined();
  const later = steps.slice(at + 1);
  expect(later.map(({ run, uses }) => run?.split(" ")[0] ?? uses?.split("@")[0])).toEqual([
    "npx",
    "cat",
    "cat",
    "gh",
    "npx",
    "actions/cache/save",
    "actions/upload-artifact",
  ]);
  for (const step of later) expect(step.if).toContain("!cancelled()");
  for (const { if: condition } of later.filter((step) => step.run !== undefined)) {
    expect(condition).toContain("hashFiles('report.md') != ''");
  }
  expect(later.at(-1)?.with?.path).toMatch(/^benchmarks\/\*-local-\*\/$/m);
});

test("each push is compared with the history before it is added, and pull requests add nothing", () => {
  const commands = steps.flatMap(({ run, if: condition }) =>
    run?.startsWith("npx baleen history ") ? [{ argv: run.split(" ").slice(3), condition }] : [],
  );
  expect(commands.map(({ argv }) => argv.slice(0, 2))).toEqual([
    ["check", "last"],
    ["add", "last"],
  ]);
  for (const { argv } of commands) {
    const sources = { argv, env: {}, home: homedir(), readFile: () => "" };
    expect(gatherOptions("history", sources).diagnostics).toEqual([]);
  }
  const storing = steps.filter(
    ({ name }) => name === "Add it to the history" || name === "Store the history",
  );
  for (const { if: condition } of storing) expect(condition).toContain("github.event_name == 'push'");
  const paths = steps.flatMap((step) => (step.uses?.startsWith("actions/cache/") ? [step.with?.path] : []));
  expect(paths).toEqual(["history", "history"]);
});
