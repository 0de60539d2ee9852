import { ConfigurationError } from "../../../core/errors.ts";
import { findBundle } from "../../../results/bundle/find-bundle.ts";
import { type Check, preflightLook } from "../../../run/prepare/preflight.ts";
import { readOutputDir } from "../../options/command-options.ts";
import type { CommandRequest } from "../../terminal/context.ts";

/** `look` at the bundle that a command's first word names, among all else that may be wrong. @throws ConfigurationError */
export async function lookAtBundle<T>(
  request: CommandRequest,
  look: (path: string, signal: AbortSignal) => Promise<T>,
  signal: AbortSignal,
  checks: readonly Check[] = [],
): Promise<T> {
  const [word] = request.words;
  const outputDir = readOutputDir(request);
  const lookAt = async (abort: AbortSignal) => {
    // That it is missing is among the diagnostics already.
    if (word === undefined) throw new ConfigurationError([]);
    return await look(await findBundle(word, outputDir), abort);
  };
  return await preflightLook(request.diagnostics, lookAt, signal, checks);
}
