import { dirname, resolve } from "node:path";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { writeFileAtomically } from "../../../results/bundle/files/atomic-file.ts";
import { makeFolders } from "../../../results/bundle/folders.ts";
import { readBundle } from "../../../results/bundle/reader.ts";
import { writing } from "../../../results/bundle/write-error.ts";
import { writeBundleToInflux } from "../../../server/export/influx/bundle-influx.ts";
import { bundleOpenMetrics } from "../../../server/export/prometheus/bundle-openmetrics.ts";
import { readOwn } from "../../options/command-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";
import { lookAtBundle } from "./named-bundle.ts";

/** `export BUNDLE`: the seconds of its runs, for Prometheus or InfluxDB. */
export const runExport: Command = async (request, context) => {
  const { openmetrics } = readOwn(request, { openmetrics: undefined });
  const { signal, influx } = context;
  if (openmetrics === undefined && request.given.influx === undefined) {
    const message = "export: say where to. Add --openmetrics FILE or --influx URL.";
    request.diagnostics.push({ code: "configuration", message });
  }
  const checks = influx === undefined ? [] : [influx.check];
  const { folder } = await lookAtBundle(request, (path) => readBundle(path), signal, checks);
  const file = openmetrics === undefined ? undefined : resolve(openmetrics);
  if (file !== undefined) {
    await writing(file, () => makeFolders(dirname(file)));
    await writeFileAtomically(file, bundleOpenMetrics(folder));
  }
  const points = influx && (await writeBundleToInflux(folder, influx.target, signal));
  const written = file === undefined ? [] : [`Metrics: ${formatForeign(file)}`];
  const relayed =
    influx === undefined ? [] : [`InfluxDB: ${points} points written to ${formatForeign(influx.target.url)}`];
  printFound(
    context,
    () => ({
      schema: "baleen.export/1",
      bundle: folder,
      openmetrics: file,
      influx: influx && { url: influx.target.url, points_written: points },
    }),
    [...written, ...relayed].join("\n"),
  );
  return 0;
};
