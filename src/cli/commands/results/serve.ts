import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { resolve } from "node:path";
import { ConfigurationError } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { isPrivate } from "../../../server/http/access.ts";
import { startServer } from "../../../server/http/server.ts";
import { readOutputDir, readOwn } from "../../options/command-options.ts";
import { usualDashboardPort } from "../../options/dashboard.ts";
import { type Command, printFound } from "../../terminal/context.ts";

const tokenBytes = 24;

/** `serve`: pages about the bundles of a folder, until Ctrl-C. */
export const runServe: Command = async (request, context) => {
  const outputDir = resolve(readOutputDir(request));
  const usual = { port: usualDashboardPort, listen: "127.0.0.1", token: undefined, eventsDir: undefined };
  const { port, listen, token: given, eventsDir: events } = readOwn(request, usual);
  if (request.diagnostics.length > 0) throw new ConfigurationError(request.diagnostics);
  // Who reaches this machine is not who may read what it measured.
  const token = given ?? (isPrivate(listen) ? undefined : randomBytes(tokenBytes).toString("base64url"));
  const { signal, version } = context;
  const eventsDir = events === undefined ? undefined : resolve(events);
  await using server = await startServer({ outputDir, eventsDir, port, listen, token, version });
  const { url } = server;
  printFound(context, () => ({ schema: "baleen.serve/1", url, output_dir: outputDir }), url);
  if (!context.settings.quiet) {
    const secret =
      token === undefined ? "" : " Its token is a password: whoever has it can read all results.";
    context.terminal.note(
      `Serving ${formatForeign(outputDir)}. Open the address in a browser.${secret} Press Ctrl-C to end.`,
    );
  }
  if (!signal.aborted) await once(signal, "abort");
  return 0;
};
