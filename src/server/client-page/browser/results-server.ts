/** What the page says to the results server, and asks of it. */
import type { PeerRecord } from "../../../contracts/peer-tests/peer-record.ts";
import { pause } from "./due-times.ts";
import type { DataPoint } from "./metrics.ts";
import { type PageClock, pageClock } from "./ticker.ts";

export type TestState = "unknown" | "waiting" | "started" | "finished";

/** refused: the same would be refused again. unavailable: the server cannot be reached, or not take it now. */
export type Outcome = "taken" | "refused" | "unavailable";

const timeoutMs = 10_000;
const retries = 3;
const retryAfterMs = 1_000;

export class ResultsServer {
  readonly #test: string;

  constructor(statsServerUrl: string, testId: string) {
    this.#test = `${statsServerUrl}/test/${encodeURIComponent(testId)}`;
  }

  /** @returns "unknown" where there is no such test yet, or no server */
  async state(): Promise<TestState> {
    try {
      const reply = await fetch(this.#test, { signal: AbortSignal.timeout(timeoutMs) });
      if (!reply.ok) return "unknown";
      const { started, finished } = (await reply.json()) as { started?: unknown; finished?: unknown };
      return finished ? "finished" : started ? "started" : "waiting";
    } catch {
      return "unknown";
    }
  }

  submit(peerId: string, { metrics, extra }: DataPoint): Promise<Outcome> {
    return this.#put(peerId, "metrics", { ...metrics, extra });
  }

  report(peerId: string, record: PeerRecord): Promise<Outcome> {
    return this.#put(peerId, "results", record);
  }

  async #put(peerId: string, what: "metrics" | "results", body: object): Promise<Outcome> {
    try {
      const reply = await fetch(`${this.#test}/peer/${encodeURIComponent(peerId)}/${what}`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body, withDigits),
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (reply.ok) return "taken";
      return reply.status >= 500 || reply.status === 429 ? "unavailable" : "refused";
    } catch {
      return "unavailable";
    }
  }
}

/** Whole numbers of any size stand in quotes, as their form says. */
const withDigits = (_key: string, value: unknown) => (typeof value === "bigint" ? String(value) : value);

/** Sends what there is no later report to make up for: while the server is unavailable, up to three times more. */
export async function insist(send: () => Promise<Outcome>, clock: PageClock = pageClock): Promise<Outcome> {
  let outcome = await send();
  for (let retry = 0; retry < retries && outcome === "unavailable"; retry++) {
    await pause(retryAfterMs, clock);
    outcome = await send();
  }
  return outcome;
}
