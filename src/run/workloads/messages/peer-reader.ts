import type { Network, NetworkNode } from "../../../contracts/deployment.ts";
import type { PeerEventSource, PeerReports, PeerStatusSource } from "../../../contracts/load/peer-events.ts";
import type { NodeName, Plane } from "../../../contracts/nodes/node.ts";
import { formatOrigin } from "../../../core/address.ts";
import { delay, mapBounded } from "../../../core/async.ts";
import type { Clock } from "../../../core/clock.ts";
import { compilePointer } from "../../../core/documents/json-pointer.ts";
import { describeError } from "../../../core/errors.ts";
import { fetchBytes } from "../../../core/http.ts";

export interface PeerReaderOptions {
  readonly network: Pick<Network, "nodes" | "helpers" | "endpoint">;
  readonly reports: PeerReports;
  readonly clock: Clock;
  /** Takes whole lines of a peer, as they come, without their line breaks. More come when it resolves. */
  readonly onLines: (peer: NodeName, lines: readonly string[]) => Promise<void>;
  /** Peers that are down on purpose, and need not answer. */
  readonly down: () => ReadonlySet<NodeName>;
}

/** What is known of a peer besides its events. */
export interface PeerView {
  /** Its clock minus the coordinator's, by the fastest of its replies; absent: it tells no time. */
  readonly offsetMs?: number | undefined;
  /** Half the round trip of that reply, and what a clock of whole milliseconds hides. */
  readonly errorMs?: number | undefined;
  readonly plan?: string | undefined;
  readonly connections?: number | undefined;
  /** Name of its events at a sink. */
  readonly stream?: string | undefined;
  /** Bytes of events that it has told by now. */
  readonly told?: number | undefined;
  /** Why something of it was not read; absent: all was. */
  readonly gap?: string | undefined;
}

const everyMs = 1000;
const replyTimeoutMs = 5000;
const peersAtOnce = 16;
/** Of one peer in a row; the next look goes on. */
const repliesAtOnce = 64;
/** `wallMs` counts whole milliseconds. */
const clockGrainMs = 1;
/** Of a log, which is read once. */
const mostLogLines = 5_000_000;
const lineBreak = 0x0a;

/** Reads what peers tell, every second and at the end. Never throws because of a peer: what it lacks is in its view. */
export class PeerReader implements AsyncDisposable {
  readonly #options: PeerReaderOptions;
  readonly #closing = new AbortController();
  readonly #cursors = new Map<NodeName, number>();
  readonly #views = new Map<NodeName, PeerView>();
  /** Bytes of events of each peer that must be read. */
  readonly #wanted = new Map<NodeName, number>();
  readonly #statusOf: ((body: unknown) => Partial<PeerView> & { clockMs?: number | undefined }) | undefined;
  #ticking: Promise<void> | undefined;

  constructor(options: PeerReaderOptions) {
    this.#options = options;
    const { status, events } = options.reports;
    const stream = events.from === "sink" ? events.stream : undefined;
    this.#statusOf = status && statusReader({ ...status, stream });
  }

  /** Begins to look every second. */
  start(): void {
    this.#ticking ??= this.#tick().catch(() => {}); // ends by its signal alone
  }

  /** As far as is known by now. */
  get views(): ReadonlyMap<NodeName, PeerView> {
    return this.#views;
  }

  /** From now on, all that peers have told by now is wanted. */
  wantAll(): void {
    for (const [name, { told }] of this.#views) if (told !== undefined) this.#wanted.set(name, told);
  }

  /** Whether all that is wanted was read of the peers that are up. */
  get hasAll(): boolean {
    const down = this.#options.down();
    if (this.#options.reports.events.from === "log") return true;
    return this.#options.network.nodes.every(({ name }) => down.has(name) || this.#lacking(name) <= 0);
  }

  #lacking(name: NodeName): number {
    return (this.#wanted.get(name) ?? 0) - (this.#cursors.get(name) ?? 0);
  }

  /** Ends the regular reading, and reads all peers once. */
  async look(signal: AbortSignal): Promise<void> {
    await this.#stop();
    await mapBounded(this.#options.network.nodes, peersAtOnce, (node) => this.#look(node, signal));
  }

  /** The last look at all of them. Those that are down have nobody who could answer: what is left is in their logs. */
  async finish(signal: AbortSignal): Promise<ReadonlyMap<NodeName, PeerView>> {
    await this.#stop();
    await mapBounded(this.#options.network.nodes, peersAtOnce, async (node) => {
      await this.#look(node, signal);
      if (this.#options.reports.events.from === "log") await this.#readLog(node);
      else if (this.#lacking(node.name) > 0 && this.#views.get(node.name)?.gap === undefined) {
        this.#note(node, { gap: `the last ${this.#lacking(node.name)} bytes of them have not come` });
      }
    });
    return this.#views;
  }

  /** What helpers tell of themselves; those that tell nothing are left out. */
  async askHelpers(signal: AbortSignal): Promise<ReadonlyMap<NodeName, PeerView>> {
    const { helpers = [] } = this.#options.network;
    await mapBounded(helpers, peersAtOnce, async (node) => {
      // Not every helper serves what the peers do.
      await this.#readStatus(node, signal).catch(() => signal.throwIfAborted());
    });
    return new Map([...this.#views].filter(([name]) => helpers.some((helper) => helper.name === name)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }

  async #stop(): Promise<void> {
    this.#closing.abort();
    await this.#ticking;
  }

  async #tick(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      const { nodes } = this.#options.network;
      await mapBounded(nodes, peersAtOnce, (node) => this.#look(node, signal));
      await delay(everyMs, signal);
    }
  }

  async #look(node: NetworkNode, signal: AbortSignal): Promise<void> {
    if (this.#options.down().has(node.name)) return;
    try {
      await this.#readStatus(node, signal);
      await this.#readEvents(node, signal);
      this.#note(node, { gap: undefined });
    } catch (error) {
      if (!signal.aborted) this.#note(node, { gap: describeError(error) });
    }
  }

  #note({ name }: NetworkNode, found: Partial<PeerView>): void {
    this.#views.set(name, { ...this.#views.get(name), ...found });
  }

  async #readStatus(node: NetworkNode, signal: AbortSignal): Promise<void> {
    const { reports, clock } = this.#options;
    if (reports.status === undefined || this.#statusOf === undefined) return;
    const { plane, path } = reports.status;
    const [askedMs, askedWallMs] = [clock.monotonicMs(), clock.wallMs()];
    const body = await get({ origin: this.#originOf(node, plane), path, signal });
    const tookMs = clock.monotonicMs() - askedMs;
    const { clockMs, ...found } = this.#statusOf(JSON.parse(body.toString("utf8")));
    this.#note(node, found);
    if (clockMs === undefined) return;
    const errorMs = tookMs / 2 + clockGrainMs;
    if (errorMs >= (this.#views.get(node.name)?.errorMs ?? Number.POSITIVE_INFINITY)) return;
    this.#note(node, { errorMs, offsetMs: clockMs - (askedWallMs + tookMs / 2) });
  }

  async #readEvents(node: NetworkNode, signal: AbortSignal): Promise<void> {
    const { events } = this.#options.reports;
    if (events.from === "log") return;
    for (let reply = 0; reply < repliesAtOnce; reply++) {
      const from = this.#cursors.get(node.name) ?? 0;
      const place =
        events.from === "http" ? this.#ownPlace(node, events, from) : this.#sinkPlace(node, events, from);
      const body = await get({ ...place, signal });
      const lines = body.subarray(0, body.lastIndexOf(lineBreak) + 1);
      if (lines.length === 0) return;
      this.#cursors.set(node.name, from + lines.length);
      await this.#options.onLines(node.name, linesOf(lines.toString("utf8")));
    }
  }

  async #readLog(node: NetworkNode): Promise<void> {
    try {
      const text = await node.logs({ tailLines: mostLogLines });
      await this.#options.onLines(node.name, linesOf(text));
    } catch (error) {
      this.#note(node, { gap: describeError(error) });
    }
  }

  #originOf({ name }: NetworkNode, plane: Plane): string {
    return formatOrigin("http", this.#options.network.endpoint(name, "coordinator", plane));
  }

  #ownPlace(node: NetworkNode, { plane, path, via }: Source<"http">, from: number): Place {
    const { network, down } = this.#options;
    const asked = via === "any" ? network.nodes.find(({ name }) => !down().has(name)) : node;
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: variables of descriptions
    const filled = path.replaceAll("${cursor}", String(from)).replaceAll("${node}", node.name);
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: variables of descriptions
    return { origin: this.#originOf(asked ?? node, plane), path: filled };
  }

  #sinkPlace({ name }: NetworkNode, { origin }: Source<"sink">, from: number): Place {
    const { stream } = this.#views.get(name) ?? {};
    if (stream === undefined) throw new TypeError("its status does not name the stream of its events");
    return { origin, path: `/events?${new URLSearchParams({ stream, from: String(from) })}` };
  }
}

type Source<From> = Extract<PeerEventSource, { readonly from: From }>;

interface Place {
  readonly origin: string;
  readonly path: string;
}

async function get({ origin, path, signal }: Place & { readonly signal: AbortSignal }): Promise<Buffer> {
  const { status, body } = await fetchBytes(origin, {
    method: "GET",
    path,
    timeoutMs: replyTimeoutMs,
    signal,
  });
  if (status === 200) return body;
  // Nothing new.
  if (status === 204 || status === 416) return Buffer.alloc(0);
  throw new TypeError(`GET ${path}: status ${status}`);
}

const linesOf = (text: string) => text.split("\n").filter((line) => line !== "");

function statusReader({
  clock,
  plan,
  connections,
  told,
  stream,
}: PeerStatusSource & { readonly stream: string | undefined }) {
  const at = (pointer: string | undefined) =>
    pointer === undefined ? () => undefined : compilePointer(pointer);
  const [clockAt, planAt, connectionsAt] = [at(clock), at(plan), at(connections)];
  const [toldAt, streamAt] = [at(told), at(stream)];
  return (body: unknown) => {
    const [time, hash, connected, name] = [clockAt(body), planAt(body), connectionsAt(body), streamAt(body)];
    return {
      clockMs: typeof time === "number" && Number.isFinite(time) ? time : undefined,
      plan: typeof hash === "string" ? hash.slice(0, 128) : undefined,
      told: countOf(toldAt(body)),
      stream: typeof name === "string" ? name.slice(0, 128) : undefined,
      connections: Array.isArray(connected) ? connected.length : countOf(connected),
    };
  };
}

const countOf = (value: unknown) =>
  typeof value === "number" && Number.isInteger(value) && value >= 0 ? value : undefined;
