import { randomBytes } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { ConfigurationError } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { isPrivate } from "../../../server/http/access.ts";
import { startServer } from "../../../server/http/server.ts";
import { usualClientOrigins } from "../../options/client-origin.ts";
import { readOutputDir, readOwn } from "../../options/command-options.ts";
import { usualDashboardPort } from "../../options/dashboard.ts";
import type { Command } from "../../terminal/context.ts";
import { openStatsServer } from "../../terminal/influx.ts";
import { serveUntilInterrupted } from "../../terminal/serve-until-interrupted.ts";

const tokenBytes = 24;
const usualTestsFolder = "peer-performance-tests";

/** `serve`: pages about the bundles of a folder, until Ctrl-C. */
export const runServe: Command = async (request, context) => {
  const outputDir = resolve(readOutputDir(request));
  const usual = {
    ...{ port: usualDashboardPort, listen: "127.0.0.1", token: undefined, eventsDir: undefined },
    ...{ testResultsLocation: join(homedir(), usualTestsFolder), clientOrigin: usualClientOrigins },
  };
  const { port, listen, token: given, eventsDir: events, ...tests } = readOwn(request, usual);
  const influx = openStatsServer(request, context);
  if (request.diagnostics.length > 0) throw new ConfigurationError(request.diagnostics);
  // Who reaches this machine is not who may read what it measured.
  const token = given ?? (isPrivate(listen) ? undefined : randomBytes(tokenBytes).toString("base64url"));
  const { version } = context;
  const eventsDir = events === undefined ? undefined : resolve(events);
  const peerTests = { folder: resolve(tests.testResultsLocation), influx };
  const { clientOrigin: clientOrigins } = tests;
  await using server = await startServer({
    ...{ outputDir, eventsDir, port, listen, token, version, peerTests, clientOrigins },
  });
  const { url, clientUrl } = server;
  const found = { schema: "baleen.serve/1", url, output_dir: outputDir };
  const ofTests = { client_url: clientUrl, test_results_location: peerTests.folder };
  const secret = token === undefined ? "" : " Its token is a password: whoever has it can read all results.";
  const where = `Serving ${formatForeign(outputDir)}. Open the address in a browser.${secret}`;
  const clients = `Clients of browser tests report to ${clientUrl}, and results go to ${formatForeign(peerTests.folder)}.`;
  return await serveUntilInterrupted(context, {
    ...{ url, document: { ...found, ...ofTests } },
    note: `${where} ${clients}`,
  });
};
