import type { Network } from "../../contracts/deployment.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { NodeMetrics } from "../../contracts/protocol.ts";
import { formatOrigin } from "../../core/address.ts";
import type { Clock } from "../../core/clock.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { type HttpPool, openHttpPool } from "../../core/http.ts";
import { SampleReader } from "../../metrics/nodes/line.ts";
import { parsePrometheus } from "../../metrics/nodes/prometheus.ts";
import type { MetricsRecord } from "../../metrics/nodes/record.ts";

export interface MetricsViewOptions {
  readonly network: Pick<Network, "endpoint">;
  readonly metrics: NodeMetrics;
  readonly clock: Pick<Clock, "monotonicMs">;
  /** Nodes that are down on purpose: nobody expects them to answer. */
  readonly down: () => ReadonlySet<NodeName>;
  /** Default: yes. Otherwise, one that never shows anything has no gaps. */
  readonly mustShow?: boolean | undefined;
}

/** Longest wait for a node's answer; it is not asked again before. */
const timeoutMs = 2_000;

export class MetricsView implements AsyncDisposable {
  readonly name: NodeName;
  /** By when it was asked. */
  readonly tookMs = new Map<number, number>();
  readonly #options: MetricsViewOptions;
  readonly #record: MetricsRecord;
  readonly #closing = new AbortController();
  readonly #reader = new SampleReader();
  #pool: { readonly origin: string; readonly http: HttpPool } | undefined;
  #isAsked = false;
  #looks = 0;
  #missed = 0;
  #firstReason = "";

  constructor(name: NodeName, options: MetricsViewOptions, record: MetricsRecord) {
    this.name = name;
    this.#options = options;
    this.#record = record;
  }

  /** For people; undefined where there are none. */
  get gaps(): string | undefined {
    const { mustShow = true } = this.#options;
    return this.#missed === 0 || (!mustShow && this.#missed === this.#looks)
      ? undefined
      : `${this.name} did not provide them ${this.#missed} of ${this.#looks} times (${this.#firstReason})`;
  }

  /** Never rejects. One at a time: where a node is slow, it is asked more rarely. */
  async look(): Promise<void> {
    const isOver = this.#record.isFull || this.#closing.signal.aborted;
    if (isOver || this.#isAsked || this.#options.down().has(this.name)) return;
    this.#isAsked = true;
    this.#looks++;
    try {
      await this.#ask();
    } catch (error) {
      // What was asked just before a node was crashed is no gap either.
      if (this.#options.down().has(this.name)) this.#looks--;
      else {
        this.#missed++;
        this.#firstReason ||= describeError(error);
      }
    } finally {
      this.#isAsked = false;
    }
  }

  async #ask(): Promise<void> {
    const { clock, metrics } = this.#options;
    const pool = this.#open();
    const atMs = clock.monotonicMs();
    const { signal } = this.#closing;
    const headers = { accept: "text/plain;version=0.0.4" };
    const asked = { method: "GET", path: metrics.path, headers, timeoutMs, signal } as const;
    const { status, body } = await pool.send(asked);
    this.tookMs.set(atMs, clock.monotonicMs() - atMs);
    if (status !== 200) throw new BaleenError("metrics-refused", `HTTP status ${status} at ${metrics.path}`);
    const kept = this.#record.add(this.name, atMs, parsePrometheus(body, this.#reader));
    if (kept === 0 && !this.#record.isFull)
      throw new BaleenError("metrics-absent", "it contains none of the metrics to keep");
  }

  #open(): HttpPool {
    const { network, metrics } = this.#options;
    const endpoint = network.endpoint(this.name, "coordinator", metrics.plane);
    const origin = formatOrigin("http", endpoint);
    if (this.#pool?.origin === origin) return this.#pool.http;
    void this.#pool?.http[Symbol.asyncDispose]();
    const http = openHttpPool(origin, { connections: 1, connectTimeoutMs: timeoutMs, tls: endpoint.tls });
    this.#pool = { origin, http };
    return http;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#pool?.http[Symbol.asyncDispose]();
  }
}
