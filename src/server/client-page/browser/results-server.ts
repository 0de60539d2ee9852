/** What the page says to the results server, and asks of it. */
import type { DataPoint } from "./data-points.ts";

export type TestState = "unknown" | "waiting" | "started" | "finished";

const timeoutMs = 10_000;

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

  /** @returns whether the server took it */
  async submit(peerId: string, { metrics, extra }: DataPoint): Promise<boolean> {
    try {
      const reply = await fetch(`${this.#test}/peer/${encodeURIComponent(peerId)}/metrics`, {
        method: "PUT",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ ...metrics, extra }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return reply.ok;
    } catch {
      return false;
    }
  }
}
