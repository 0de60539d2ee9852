import { readdir, readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { dashboardFiles } from "../../scripts/grafana/dashboards.ts";
import { parseYaml } from "../../src/core/documents/yaml.ts";

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

test("the datasource that a dashboard begins with is one that Grafana is given, with a URL that compose knows", async () => {
  const monitoring = new URL("../../compose/monitoring/", import.meta.url);
  const read = async (path: string) => parseYaml(await readFile(new URL(path, monitoring), "utf8"));
  const given = (await read("grafana/provisioning/datasources/baleen.yml")) as {
    datasources: { uid: string; url: string }[];
  };
  const { services } = (await read("docker-compose.yml")) as {
    services: { grafana: { environment: Readonly<Record<string, string>> } };
  };
  const current = [...dashboardFiles().values()].flatMap((text) => {
    const { templating } = JSON.parse(text) as { templating: { list: { current?: { value: string } }[] } };
    return templating.list.flatMap((variable) => variable.current?.value ?? []);
  });
  expect(current).toEqual(["baleen-influxdb-tests"]);
  expect(given.datasources.map(({ uid }) => uid)).toEqual(expect.arrayContaining(current));
  for (const { url } of given.datasources) {
    const [, variable] = /^\$(\w+)$/.exec(url) ?? [];
    if (variable !== undefined) expect(services.grafana.environment[variable]).toMatch(/:-http:\/\//);
  }
});
