import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Diagnostic } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { quoteArgv } from "../../../core/text/quote.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import { monitoringFiles } from "../../../server/export/monitoring-files.ts";
import { readOwn } from "../../options/command-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";
import { writeText } from "../setup/options-file.ts";

/** `dashboards FOLDER`: Prometheus, Grafana and its dashboards as files. */
export const runDashboards: Command = async (request, context) => {
  const [folder = ""] = request.words;
  const { yes } = readOwn(request, { yes: false });
  const files = (await monitoringFiles()).map(({ path, text }) => ({ path: join(folder, path), text }));
  const check = async () =>
    yes || folder === "" ? [] : files.filter(({ path }) => existsSync(path)).map(({ path }) => refuse(path));
  await preflight(request.diagnostics, [check], context.signal);
  for (const { path, text } of files) await writeText(path, text);
  const written = files.map(({ path }) => path);
  const lines = [
    `Written: ${formatForeign(folder)}, ${written.length} files`,
    `  ${quoteArgv(["docker", "compose", "-f", join(folder, "docker-compose.yml"), "up", "-d"])}`,
    "Addresses of what Prometheus reads are in prometheus/targets. For a Grafana of your own, import grafana/dashboards/*.json.",
  ];
  printFound(context, () => ({ schema: "baleen.dashboards/1", written }), lines.join("\n"));
  return 0;
};

function refuse(path: string): Diagnostic {
  const message = `${path}: already exists. Use another folder, or --yes to overwrite it.`;
  return { code: "file-exists", message };
}
