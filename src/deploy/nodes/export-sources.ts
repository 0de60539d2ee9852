/** Where a node tells what it exports: its log, and its planes. */
import { createContext, runInContext } from "node:vm";
import type { NodeExport } from "../../contracts/deployment.ts";
import type { Endpoint } from "../../contracts/nodes/node.ts";
import { formatOrigin } from "../../core/address.ts";
import { compilePointer } from "../../core/documents/json-pointer.ts";
import { describeError, InvalidArgumentError } from "../../core/errors.ts";
import { sendHttp } from "../../core/http.ts";

const requestTimeoutMs = 2000;
const shownCharacters = 200;
/** Some patterns take years for a line that they do not match, and nothing else runs meanwhile. */
const searchTimeoutMs = 500;

/** The value of an export, or why there is none yet. */
export type Finding = { readonly value: string } | { readonly seen: string };

/** Finds lines in a log that grows while it is looked at: of the last one there may be more to come. */
export class LineSearch {
  /** Those that are still searched; the last one may grow. */
  readonly #lines = [""];
  /** Number of the first of them, in the whole log. */
  #first = 0;
  /** By name: the line that its search goes on with. */
  readonly #next = new Map<string, number>();
  readonly #last = new Map<string, string>();

  /** @param added to the log since the last call */
  add(added: string): void {
    const [rest = "", ...lines] = added.split("\n");
    this.#lines.push(`${this.#lines.pop() ?? ""}${rest}`);
    for (const line of lines) this.#lines.push(line);
  }

  /** @param isWhole nothing more will be added */
  find(name: string, pattern: RegExp, isWhole: boolean): Finding {
    // As a fresh one, without the flags by which a pattern remembers where it was.
    const fresh = new RegExp(pattern.source, pattern.flags.replaceAll(/[gy]/g, ""));
    const start = (this.#next.get(name) ?? this.#first) - this.#first;
    const lines = this.#lines.slice(start);
    const found = searchLines(lines, fresh);
    if (found === "too slow") {
      return { seen: `${pattern} took over ${searchTimeoutMs} ms: simplify it so that it backtracks less` };
    }
    const { at, value } = found;
    const line = lines[at];
    this.#next.set(name, this.#first + start + (line === undefined ? lines.length - 1 : at));
    if (line === undefined) return { seen: `no line of its log matches ${pattern}` };
    const shown = JSON.stringify(shorten(line));
    if (value === undefined || value === "") {
      return { seen: `the first group of ${pattern} is empty in the line ${shown}` };
    }
    if (at === lines.length - 1 && !isWhole && this.#last.get(name) !== line) {
      this.#last.set(name, line);
      return { seen: `the line ${shown} may be incomplete` };
    }
    return { value };
  }

  /** Lets go of the lines that none of these searches needs any more. */
  forget(names: readonly string[]): void {
    const needed = Math.min(...names.map((name) => this.#next.get(name) ?? this.#first));
    if (!Number.isFinite(needed)) return;
    this.#lines.splice(0, needed - this.#first);
    this.#first = needed;
  }
}

/**
 * Finds the first line that matches; `at` is -1 where none does. The timer of a context is all that ends a search which
 * is under way.
 */
function searchLines(lines: readonly string[], pattern: RegExp) {
  const search = () => {
    const at = lines.findIndex((line) => pattern.test(line));
    return { at, value: pattern.exec(lines[at] ?? "")?.[1] };
  };
  const context = createContext({ search });
  try {
    return runInContext("search()", context, { timeout: searchTimeoutMs }) as ReturnType<typeof search>;
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
    if (status < 200 || status > 299) return { seen: `${asked} returned status ${status}: ${shorten(body)}` };
    const value = compilePointer(pointer)(parseJson(body));
    if (typeof value === "number" || (typeof value === "string" && value !== "")) {
      return { value: String(value) };
    }
    return { seen: `${asked} returned no text or number at ${JSON.stringify(pointer)}: ${shorten(body)}` };
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
