/** What started nodes tell those that start after them. */
import type { NetworkNode, NodeGroup, NodeStatus } from "../../contracts/deployment.ts";
import type { Endpoint, Plane } from "../../contracts/nodes/node.ts";
import { until } from "../../core/async.ts";
import { BaleenError, describeError, TimeoutError } from "../../core/errors.ts";
import { askExport, LineSearch } from "./export-sources.ts";
import type { LogReader } from "./log-file.ts";

const lookEveryMs = 100;
/** More lines than a log keeps. */
const wholeLog = 1_000_000;
/** Of the log of a node that does not tell what it should: many say how they are to be used behind what was wrong. */
const shownLines = 30;

export function quoteLog(log: string): string[] {
  return log === "" ? [] : log.split("\n").map((line) => `    | ${line}`);
}

/** A node that can be asked for what it exports. */
export interface ExportingNode extends Pick<NetworkNode, "name" | "logs" | "status"> {
  /** Reads its log piece by piece; where there is no such way, all of it is asked for each time. */
  readonly openLog?: () => LogReader | undefined;
}

/**
 * Waits until a node has told all that its group exports.
 *
 * @param at where the node's planes are, as seen from here
 * @returns texts by the names of the exports
 * @throws BaleenError "export-missing" after the limit, and at once where the node ended; the signal's reason on abort
 */
export async function readExports(
  node: ExportingNode,
  exports: NodeGroup["exports"],
  at: (plane: Plane) => Endpoint,
  options: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const { timeoutMs, signal } = options;
  const wanted = Object.entries(exports ?? {});
  const values = new Map<string, string>();
  /** What was last seen of each, in the order of the plan. */
  const missing = new Map(wanted.map(([name]) => [name, "not checked yet"]));
  const lines = new LineSearch();
  const readNew = node.openLog?.() ?? openWholeLog(node);
  const fail = async (why: string) => {
    const log = await node.logs({ tailLines: shownLines }).catch(describeError);
    const names = [...missing].map(([name, seen]) => `  ${name}: ${seen}`);
    const text = `${node.name} ${why} what later nodes need. See its log.`;
    return new BaleenError("export-missing", [text, ...names, ...quoteLog(log)].join("\n"));
  };
  const look = async () => {
    // Asked before the log is: what a node said until its end counts.
    const status = await node.status();
    const pending = wanted.filter(([name]) => missing.has(name));
    const searched = pending.filter(([, { from }]) => from === "log").map(([name]) => name);
    if (searched.length > 0) lines.add(await readNew());
    await Promise.all(
      pending.map(async ([name, source]) => {
        const found =
          source.from === "log"
            ? lines.find(name, source.pattern, hasEnded(status))
            : await askExport(source, at(source.plane), signal);
        if ("seen" in found) return missing.set(name, found.seen);
        values.set(name, found.value);
        return missing.delete(name);
      }),
    );
    if (missing.size === 0) return true;
    lines.forget(searched);
    if (hasEnded(status)) throw await fail(`${describeEnd(status)} before it reported`);
    return undefined;
  };
  try {
    await until(look, { timeoutMs, everyMs: lookEveryMs, signal, describe: () => "exports are missing" });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof TimeoutError)) throw error;
    throw await fail(`did not report within ${timeoutMs / 1000} s`);
  }
  return values;
}

/** What was added to a log since the call before, of one that can only be had as a whole. */
function openWholeLog(node: Pick<NetworkNode, "logs">): LogReader {
  let length = 0;
  return async () => {
    const log = await node.logs({ tailLines: wholeLog });
    const added = log.slice(length);
    length = log.length;
    return added;
  };
}

export function hasEnded({ state }: NodeStatus): boolean {
  return state === "exited" || state === "missing";
}

function describeEnd({ exitCode, signal }: NodeStatus): string {
  if (signal !== undefined) return `was ended by ${signal}`;
  return exitCode === undefined ? "is gone" : `ended with code ${exitCode}`;
}
