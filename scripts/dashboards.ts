// Writes Grafana's dashboards to compose/monitoring/grafana/dashboards.
import { writeFile } from "node:fs/promises";
import { dashboardFiles } from "./grafana/dashboards.ts";

const folder = new URL("../compose/monitoring/grafana/dashboards/", import.meta.url);
for (const [name, text] of dashboardFiles()) await writeFile(new URL(name, folder), text);
