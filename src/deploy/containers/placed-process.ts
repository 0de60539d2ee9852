import { finished } from "node:stream/promises";
import type { PlacedProcess } from "../../contracts/deployment.ts";
import { withinMs } from "../../core/async.ts";
import { describeError } from "../../core/errors.ts";
import type { ContainerStreams } from "../engine/types.ts";

/** What is kept of standard error: its end says why. */
const keptStderrCharacters = 2_000;
/** A program that was told to end, and a look at why one has ended, may take this long. */
const graceMs = 3_000;

/**
 * Makes a handle on a program that is driven over its standard streams.
 *
 * @param care.explain says why its output has ended
 * @param care.remove ends it by force, and removes what is left of it
 */
export function openPlacedProcess(
  { stdin, stdout, stderr }: ContainerStreams,
  care: { readonly explain: () => Promise<string>; readonly remove: () => Promise<void> },
): PlacedProcess {
  let said = "";
  stderr.setEncoding("utf8");
  stderr.on("data", (text: string) => {
    said = (said + text).slice(-keptStderrCharacters);
  });
  // Its output tells of a way that is lost.
  stdin.on("error", () => {});
  const silent = finished(stdout, { writable: false }).then(
    () => undefined,
    (error: unknown) => `the connection to it was lost: ${describeError(error)}`,
  );
  const ended = silent.then(async (loss) => {
    const why = loss ?? (await withinMs(graceMs, care.explain())) ?? "the connection to it was lost";
    return said.trim() === "" ? why : `${why}: ${said.trim()}`;
  });
  const end = async () => {
    stdin.end();
    // Whoever read it may have stopped: what nobody takes would keep it from ending.
    stdout.resume();
    await withinMs(graceMs, silent);
    stdin.destroy();
    // Where its host cannot be reached it stays, bears the run's label, and is told of at the end of the network.
    await care.remove().catch(() => {});
  };
  let ending: Promise<void> | undefined;
  return {
    stdin,
    stdout,
    ended,
    [Symbol.asyncDispose]: () => {
      ending ??= end();
      return ending;
    },
  };
}
