/** Where a node tells what it exports: its log, and its planes. */
import type { Endpoint, NodeExport } from "../contracts/deployment.ts";
import { formatOrigin } from "../core/address.ts";
import { describeError, InvalidArgumentError } from "../core/errors.ts";
import { sendHttp } from "../core/http.ts";
import { readPointer } from "../core/json-pointer.ts";

const requestTimeoutMs = 2000;
const shownCharacters = 200;

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
      const at = all.findIndex((line) => fresh.test(line));
      const line = all[at];
      if (line === undefined) return { seen: `no line of its log matches ${pattern}` };
      const value = fresh.exec(line)?.[1];
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
