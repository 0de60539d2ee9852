import { ConfigurationError } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { stateDirOf } from "../../../run/prepare/backend.ts";
import { startClientPage } from "../../../server/client-page/client-page.ts";
import { usualClientPagePort } from "../../options/browser-ports.ts";
import { readOwn } from "../../options/command-options.ts";
import type { Command } from "../../terminal/context.ts";
import { serveUntilInterrupted } from "../../terminal/serve-until-interrupted.ts";

/** `client-page`: the page that runs a peer of a test, until Ctrl-C. */
export const runClientPage: Command = async (request, context) => {
  const usual = {
    port: usualClientPagePort,
    listen: "127.0.0.1",
    peerLibrary: undefined,
    routineFile: undefined,
  };
  const { routineFile, ...own } = readOwn(request, usual);
  if (request.diagnostics.length > 0) throw new ConfigurationError(request.diagnostics);
  const { signal, env } = context;
  const routineFiles = routineFile === undefined ? [] : [routineFile];
  await using page = await startClientPage({ ...own, routineFiles, cacheDir: stateDirOf(env), env, signal });
  const { url, library } = page;
  const document = {
    schema: "baleen.client-page/1",
    url,
    library: library.name,
    version: library.version,
    script_sha256: library.scriptSha256,
  };
  const name = `${library.name} ${library.version}`.trim();
  const note = `Peers run ${formatForeign(name)}. Open the address with ?testId=ID in browsers.`;
  return await serveUntilInterrupted(context, { url, document, note });
};
