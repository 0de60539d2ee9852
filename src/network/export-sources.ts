/** Where a node tells what it exports: its log, and its planes. */
import { createContext, runInContext } from "node:vm";
import type { Endpoint, NodeExport } from "../contracts/deployment.ts";
import { formatOrigin } from "../core/address.ts";
import { describeError, InvalidArgumentError } from "../core/errors.ts";
import { sendHttp } from "../core/http.ts";
import { readPointer } from "../core/json-pointer.ts";

const requestTimeoutMs = 2000;
const shownCharacters = 200;
/** Some patterns take years for a line that they do not match, and nothing else runs meanwhile. */
const searchTimeoutMs = 500;

/** The value of an export, or why there is none yet. */
export type Finding = { readonly value: string } | { readonly seen: string };

/** Finds lines in a log that grows while it is looked at: of the last one there may be more to come. */
export function openLineSearch() {
  const last = new Map<string, string>();
  return {
    find: (name: string, pattern: RegExp, seen: { log: string; isWhole: boolean }): Finding => {
      // As a fresh one, without the flags by which a pattern remembers where it was.
      const fresh = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ""));
      const all = seen.log.split("\n");
      const found = searchLines(all, fresh);
      if (found === "too slow") {
        return { seen: `${pattern} took over ${searchTimeoutMs} ms: write it so that it has less to try` };
      }
      const { at, value } = found;
      const line = all[at];
      if (line === undefined) return { seen: `no line of its log matches ${pattern}` };
      const shown = JSON.stringify(shorten(line));
      if (value === undefined || value === "") {
        return { seen: `the first group of ${pattern} is empty in the line ${shown}` };
      }
      if (at === all.length - 1 && !seen.isWhole && last.get(name) !== line) {
        last.set(name, line);
        return { seen: `the line ${shown} may not be whole` };
      }
      return { value };
    },
  };
}

interface LineFound {
  /** Of the first line that matches; -1: none does. */
  readonly at: number;
  /** Its first group. */
  readonly value: string | undefined;
}

/** The timer of a context is all that ends a search which is under way. */
function searchLines(lines: readonly string[], pattern: RegExp): LineFound | "too slow" {
  const search = (): LineFound => {
    const at = lines.findIndex((line) => pattern.test(line));
    return { at, value: pattern.exec(lines[at] ?? "")?.[1] };
  };
  try {
    return runInContext("search()", createContext({ search }), { timeout: searchTimeoutMs }) as LineFound;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return "too slow";
    throw error;
  }
}

/** Asks a node for what it exports on one of its planes. Rejects with the signal's reason, or for a text that is no pointer. */
export async function askExport(
  { path, pointer }: Extract<NodeExport, { from: "http" }>,
  endpoint: Endpoint,
  signal: AbortSignal,
): Promise<Finding> {
  const origin = formatOrigin("http", endpoint);
  const asked = `GET ${origin}${path}`;
  const request = { method: "GET", path, timeoutMs: requestTimeoutMs, signal, tls: endpoint.tls } as const;
  try {
    const { status, body } = await sendHttp(origin, request);
    if (status < 200 || status > 299) return { seen: `${asked} gave status ${status}: ${shorten(body)}` };
    const value = readPointer(parseJson(body), pointer);
    if (typeof value === "number" || (typeof value === "string" && value !== "")) {
      return { value: String(value) };
    }
    return { seen: `${asked} has no text or number at ${JSON.stringify(pointer)}: ${shorten(body)}` };
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    return { seen: `${asked} failed: ${describeError(error)}` };
  }
}

/** undefined for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}
