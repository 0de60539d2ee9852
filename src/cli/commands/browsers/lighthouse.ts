import { ConfigurationError } from "../../../core/errors.ts";
import { startLighthouse } from "../../../server/lighthouse/lighthouse.ts";
import { usualLighthousePort } from "../../options/browser-ports.ts";
import { readOwn } from "../../options/command-options.ts";
import type { Command } from "../../terminal/context.ts";
import { serveUntilInterrupted } from "../../terminal/serve-until-interrupted.ts";

/** `lighthouse`: where peers of a test meet, until Ctrl-C. */
export const runLighthouse: Command = async (request, context) => {
  const { port, listen } = readOwn(request, { port: usualLighthousePort, listen: "127.0.0.1" });
  const noAuth = context.env.NO_AUTH ?? "true";
  if (noAuth !== "true") {
    const message = `NO_AUTH=${noAuth}: this lighthouse cannot authenticate peers. Set NO_AUTH=true, or unset it.`;
    request.diagnostics.push({ code: "variable", message });
  }
  if (request.diagnostics.length > 0) throw new ConfigurationError(request.diagnostics);
  const { version } = context;
  await using lighthouse = await startLighthouse({ port, listen, version });
  const { url } = lighthouse;
  const document = { schema: "baleen.lighthouse/1", url };
  const note = "Peers meet here; nobody is authenticated.";
  return await serveUntilInterrupted(context, { url, document, note });
};
