import { once } from "node:events";
import { ConfigurationError } from "../../../core/errors.ts";
import { startLighthouse } from "../../../server/lighthouse/lighthouse.ts";
import { usualLighthousePort } from "../../options/browser-ports.ts";
import { readOwn } from "../../options/command-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";

/** `lighthouse`: where peers of a test meet, until Ctrl-C. */
export const runLighthouse: Command = async (request, context) => {
  const { port, listen } = readOwn(request, { port: usualLighthousePort, listen: "127.0.0.1" });
  const noAuth = context.env.NO_AUTH ?? "true";
  if (noAuth !== "true") {
    const message = `NO_AUTH=${noAuth}: this lighthouse cannot authenticate peers. Set NO_AUTH=true, or unset it.`;
    request.diagnostics.push({ code: "variable", message });
  }
  if (request.diagnostics.length > 0) throw new ConfigurationError(request.diagnostics);
  const { signal, version } = context;
  await using lighthouse = await startLighthouse({ port, listen, version });
  const { url } = lighthouse;
  printFound(context, () => ({ schema: "baleen.lighthouse/1", url }), url);
  if (!context.settings.quiet) {
    context.terminal.note("Peers meet here; nobody is authenticated. Press Ctrl-C to end.");
  }
  if (!signal.aborted) await once(signal, "abort");
  return 0;
};
