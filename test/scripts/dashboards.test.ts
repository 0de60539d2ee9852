import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { dashboardFiles } from "../../scripts/grafana/dashboards.ts";

const folder = new URL("../../compose/monitoring/grafana/dashboards/", import.meta.url);

test("Grafana's dashboards are as their sources make them: node scripts/dashboards.ts writes them", async () => {
  const files = dashboardFiles();
  expect(new Set(await readdir(folder))).toEqual(new Set(files.keys()));
  for (const [name, text] of files) expect(await readFile(new URL(name, folder), "utf8")).toBe(text);
});

test("each query of a panel has a letter of its own", () => {
  for (const [, text] of dashboardFiles()) {
    const { panels } = JSON.parse(text) as { panels: { targets: { refId: string }[] }[] };
    for (const { targets } of panels) {
      const letters = targets.map(({ refId }) => refId);
      expect(letters.every((letter) => /^[A-H]$/.test(letter))).toBe(true);
      expect(new Set(letters).size).toBe(letters.length);
    }
  }
});
