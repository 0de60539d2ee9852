import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runValidate } from "../../src/cli/commands/setup/validate.ts";
import { runAlone } from "../cli-unit/command-setting.ts";

const folder = fileURLToPath(new URL("../../examples/configurations", import.meta.url));

/** What each file of the folder asks for. */
const sweeps: Readonly<Record<string, object>> = {
  "smoke.yaml": { network_type: "local", nodes: 4, loads: [50], runs: 1, expected_secs: 7 },
  "regression-gate.yaml": { network_type: "local", nodes: 4, loads: [50, 200], runs: 6 },
  "saturation.yaml": { network_type: "local", search: expect.stringContaining("from 200 to") },
  "four-regions.yaml": { network_type: "remote", nodes: 4, loads: [50, 100, 200], runs: 9 },
  "faults.yaml": { network_type: "local", nodes: 7, loads: [100], runs: 1 },
};

test.each(Object.entries(sweeps))("%s is right, and asks for what it says", async (name, sweep) => {
  const setting = { command: runValidate, name: "validate", settings: { json: true } } as const;
  const { code, stdout } = await runAlone([join(folder, name)], setting);
  expect(JSON.parse(stdout)).toMatchObject({ kind: "options", faults: [], sweeps: [sweep] });
  expect(code).toBe(0);
});

test("every file of the folder is among them", async () => {
  expect((await readdir(folder)).sort()).toEqual(Object.keys(sweeps).sort());
});
