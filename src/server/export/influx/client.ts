import type { Diagnostic } from "../../../core/errors.ts";
import { describeError } from "../../../core/errors.ts";
import { type HttpPool, openHttpPool } from "../../../core/http.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import type { InfluxTarget } from "./target.ts";

/** How a write ended. */
export type WriteOutcome =
  | { readonly state: "written" }
  /** It may be better later. */
  | { readonly state: "failed"; readonly reason: string }
  /** It would be refused again. @param dropped of them so many; the others were taken */
  | { readonly state: "refused"; readonly status: number; readonly reason: string; readonly dropped: number };

const connectTimeoutMs = 2_000;
const writeTimeoutMs = 10_000;
const shownReply = 300;

/** Writes lines of points to one database. */
export class InfluxClient implements AsyncDisposable {
  readonly target: InfluxTarget;
  readonly #pool: HttpPool;

  constructor(target: InfluxTarget) {
    this.target = target;
    this.#pool = openHttpPool(target.origin, { connections: 1, connectTimeoutMs });
  }

  /** Never rejects. */
  async write(lines: readonly string[], signal?: AbortSignal): Promise<WriteOutcome> {
    const { path, headers } = this.target;
    const request = {
      method: "POST",
      path,
      headers,
      body: lines.join("\n"),
      timeoutMs: writeTimeoutMs,
    } as const;
    try {
      const { status, body } = await this.#pool.send({ ...request, signal });
      if (status >= 200 && status < 300) return { state: "written" };
      const reason = `HTTP status ${status}${body === "" ? "" : `: ${formatForeign(body.trim().slice(0, shownReply))}`}`;
      const isBusy = status === 408 || status === 429 || status >= 500;
      if (isBusy) return { state: "failed", reason };
      const [, dropped] = /partial write:.*dropped=(\d+)/.exec(body) ?? [];
      const most = lines.length;
      return { state: "refused", status, reason, dropped: Math.min(most, Number(dropped ?? most)) };
    } catch (error) {
      return { state: "failed", reason: describeError(error) };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool[Symbol.asyncDispose]();
  }
}

/** Whether the database would take points: asked with none, so that nothing is changed. */
export async function checkInflux(target: InfluxTarget, signal: AbortSignal): Promise<readonly Diagnostic[]> {
  await using client = new InfluxClient(target);
  const outcome = await client.write([], signal);
  signal.throwIfAborted();
  if (outcome.state === "written") return [];
  // What InfluxDB 2 says of no points, once everything else is good.
  if (/requires points/.test(outcome.reason)) return [];
  const remedy = outcome.state === "refused" ? remedies[outcome.status] : undefined;
  const usual = "Start the database, fix the URL, or remove --influx.";
  const message = `--influx ${formatForeign(target.url)}: ${outcome.reason}. ${remedy ?? usual}`;
  return [{ code: "influx", message }];
}

const remedies: Readonly<Record<number, string>> = {
  401: "Set BALEEN_INFLUX_TOKEN to a token that may write (for InfluxDB 1: user:password).",
  403: "BALEEN_INFLUX_TOKEN needs the right to write there.",
  404: "Create the database or bucket first, or fix its name in the URL.",
};
