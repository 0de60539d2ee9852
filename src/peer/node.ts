/** A peer: registers, follows the plan, writes by its schedule, and tells of all that it writes and reads. */
import { join } from "node:path";
import { freshMs, type PeerEvent } from "../contracts/load/peer-events.ts";
import { formatOrigin } from "../core/address.ts";
import { delay } from "../core/async.ts";
import { LineLog } from "../core/documents/line-log.ts";
import type { Admission, PeerConfigFile } from "./config.ts";
import { jsonReply, type Reply, type Routes } from "./http.ts";
import { dials, gapsSecs, neighboursOf } from "./plan.ts";
import { pushEvents } from "./sink.ts";
import type { PeerStats, Store, StoreOptions } from "./store/store.ts";

export interface PeerSetting {
  readonly config: PeerConfigFile;
  /** Folder that is its own, and kept over a restart. */
  readonly home: string;
  readonly openStore: (options: StoreOptions) => Promise<Store>;
  readonly log: (message: string, facts?: Readonly<Record<string, unknown>>) => void;
  /** Of this process. */
  readonly usage: () => Omit<PeerStats, "connections">;
  readonly signal: AbortSignal;
}

const askTimeoutMs = 5000;
const retryMs = 200;
const reportEveryMs = 500;
const largestReplyBytes = 4 * 1024 * 1024;
/** Timers of Node.js may fire early by less than this. */
const timerGrainMs = 1;

export class PeerNode {
  readonly #setting: PeerSetting;
  /** In the file before anybody else can know of them. */
  readonly #events: LineLog;
  /** By writer: ids that can be read here. */
  readonly #held = new Map<string, Set<string>>();
  /** By writer: when the latest message that can be read here was written. */
  readonly #latestMs = new Map<string, number>();
  /** Ids are of this life: nobody gives one twice. */
  readonly #life = Date.now().toString(36);
  /** Name of its events at a sink, the same over all its lives. */
  readonly #stream: string;
  #store: Store | undefined;
  #admission: Admission | undefined;
  #written = 0;
  /** The sink of events has taken some. */
  #isPushed = false;

  constructor(setting: PeerSetting) {
    this.#setting = setting;
    let bornMs: number | undefined;
    this.#events = new LineLog(join(setting.home, "events.ndjson"), (line) => {
      const event = JSON.parse(line) as PeerEvent;
      bornMs ??= event.at;
      if (event.type === "read") this.#heldOf(event.from).add(event.id);
    });
    const at = this.#now();
    this.#stream = `${setting.config.name}-${Math.round((bornMs ?? at) * 1000).toString(36)}`;
    this.#tell({ type: "start", at, flavour: setting.config.flavour });
  }

  get routes(): Routes {
    return {
      "GET /status": () => jsonReply(this.#status()),
      "GET /events": ({ url }) => this.#read(url.searchParams.get("from")),
    };
  }

  /** Resolves when the signal aborts. */
  async run(): Promise<void> {
    const { config, signal, openStore, home, log } = this.#setting;
    const { sink } = config;
    const first = await this.#ask(() => true);
    const { plan, heartbeatMs } = first;
    const neighbours = neighboursOf(plan, config.name);
    await using store = await openStore({
      name: config.name,
      peers: plan.peers,
      listen: config.peer,
      folder: home,
      heartbeatMs,
      accepts: (peer) => neighbours.has(peer) || !plan.peers.includes(peer),
    });
    await store.subscribe({
      onMessage: ({ from, id, atMs }) => this.#hold(from, id, atMs),
      onConnection: (type, peer) => this.#tell({ type, at: this.#now(), peer }),
      onTrouble: (what) => log(what),
    });
    this.#store = store;
    this.#meet(first);
    const work = [
      this.#keepAsking(heartbeatMs),
      this.#report(),
      this.#probe(plan.probesPerSec),
      this.#writeOn(plan),
      ...(sink === undefined ? [] : [this.#push(sink)]),
    ];
    await Promise.all(work).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  [Symbol.dispose](): void {
    this.#events[Symbol.dispose]();
  }

  /** Milliseconds since 1970, with the fraction that the machine knows. */
  #now(): number {
    return performance.timeOrigin + performance.now();
  }

  #tell(event: PeerEvent): void {
    this.#events.append(`${JSON.stringify(event)}\n`);
  }

  #heldOf(peer: string): Set<string> {
    const known = this.#held.get(peer);
    if (known !== undefined) return known;
    const ids = new Set<string>();
    this.#held.set(peer, ids);
    return ids;
  }

  #hold(from: string, id: string, atMs: number): void {
    const held = this.#heldOf(from);
    this.#latestMs.set(from, Math.max(this.#latestMs.get(from) ?? 0, atMs));
    if (held.has(id)) return;
    held.add(id);
    this.#tell({ type: "read", at: this.#now(), id, from });
  }

  #status() {
    const { connections = [] } = this.#store?.status() ?? {};
    const { planHash } = this.#admission ?? {};
    const waitsFor = this.#lacking(connections);
    return {
      clock: this.#now(),
      plan: planHash,
      stream: this.#stream,
      isReady: waitsFor === undefined,
      waitsFor,
      connections,
      written: this.#written,
      held: Object.fromEntries([...this.#held].map(([peer, ids]) => [peer, ids.size])),
    };
  }

  /** What it waits for before it can take part, for people; undefined: nothing. */
  #lacking(connections: readonly string[]): string | undefined {
    const { name, sink } = this.#setting.config;
    if (this.#admission === undefined) return "its coordinator";
    const { plan, isComplete } = this.#admission;
    if (!isComplete) return "peers that have not registered";
    const apart = [...neighboursOf(plan, name)].filter((peer) => !connections.includes(peer));
    if (apart.length > 0) return `connections to ${apart.slice(0, 5).join(", ")}`;
    return sink === undefined || this.#isPushed ? undefined : `the sink of events, ${sink}`;
  }

  #push(sink: string): Promise<void> {
    const { log, signal } = this.#setting;
    const onPushed = () => {
      this.#isPushed = true;
    };
    return pushEvents({ sink, stream: this.#stream, events: this.#events, onPushed, log, signal });
  }

  #read(from: string | null): Reply {
    const byte = Number(from ?? "0");
    if (!Number.isSafeInteger(byte) || byte < 0)
      throw new RangeError("from: a whole number of bytes, 0 or more");
    return { status: 200, body: this.#events.read(byte, largestReplyBytes), type: "application/x-ndjson" };
  }

  /** Asks the coordinator until the answer is as wanted; it may not be there yet. */
  async #ask(isEnough: (admission: Admission) => boolean): Promise<Admission> {
    const { config, signal, log } = this.#setting;
    for (let tries = 0; ; tries++) {
      try {
        this.#admission = await register(config, signal);
        if (isEnough(this.#admission)) return this.#admission;
      } catch (error) {
        signal.throwIfAborted();
        if (tries % 50 === 0) log("the coordinator does not answer", { error: String(error) });
      }
      await delay(retryMs, signal);
    }
  }

  /** Those that come later are met at the next heartbeat. */
  async #keepAsking(heartbeatMs: number): Promise<void> {
    for (;;) {
      await delay(heartbeatMs, this.#setting.signal);
      this.#meet(await this.#ask(() => true));
    }
  }

  #meet({ peers, plan }: Admission): void {
    const { name, routes } = this.#setting.config;
    const neighbours = neighboursOf(plan, name);
    for (const peer of peers) {
      const isStranger = !plan.peers.includes(peer.name);
      if (peer.name === name || !(neighbours.has(peer.name) || isStranger)) continue;
      if (dials(plan, name, peer.name)) this.#store?.connect(peer.name, routes[peer.name] ?? peer.address);
    }
  }

  async #writeOn(plan: Admission["plan"]): Promise<void> {
    const { config, signal } = this.#setting;
    await this.#ask(({ isComplete }) => isComplete);
    const gaps = gapsSecs(plan, config.name);
    // A write that comes late shifts none of the later ones.
    let dueMs = this.#now();
    for (;;) {
      dueMs += gaps.next().value * 1000;
      const waitMs = dueMs - this.#now();
      if (waitMs > 0) await delay(waitMs + timerGrainMs, signal);
      signal.throwIfAborted();
      await this.#write(dueMs, plan.messageBytes);
    }
  }

  async #write(due: number, size: number): Promise<void> {
    const id = `${this.#life}-${this.#written++}`;
    const at = this.#now();
    // Told first: what others have read, this peer says that it wrote, whatever becomes of it.
    this.#tell({ type: "write", at, id, due, size });
    const payload = crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)));
    await this.#store?.write({ id, atMs: at, stats: this.#stats(), payload: repeated(payload, size) });
  }

  #stats(): PeerStats {
    return { ...this.#setting.usage(), connections: this.#store?.status().connections.length ?? 0 };
  }

  async #report(): Promise<void> {
    for (;;) {
      await delay(reportEveryMs, this.#setting.signal);
      const { traffic, stateBytes } = (this.#store as Store).status();
      const at = this.#now();
      for (const { peer, sentBytes, receivedBytes } of traffic) {
        this.#tell({ type: "bytes", at, peer, sent: sentBytes, received: receivedBytes });
      }
      this.#tell({ type: "state", at, bytes: stateBytes });
    }
  }

  /** At a fixed rate, whatever became of the try before. */
  async #probe(perSecond: number): Promise<void> {
    if (perSecond === 0) return;
    const { signal } = this.#setting;
    for (let dueMs = this.#now() + 1000 / perSecond; ; dueMs += 1000 / perSecond) {
      await delay(Math.max(0, dueMs - this.#now()), signal);
      if (this.#admission?.isComplete !== true) continue;
      const store = this.#store as Store;
      void this.#attempt("read", () => store.tryRead());
      void this.#attempt("write", () => store.tryWrite());
      void this.#attempt("fresh", async () => this.#checkFresh());
    }
  }

  async #attempt(op: "read" | "write" | "fresh", attempt: () => Promise<void>): Promise<void> {
    const at = this.#now();
    const ok = await attempt().then(
      () => true,
      () => false,
    );
    if (!this.#setting.signal.aborted) this.#tell({ type: "probe", at, op, ok, ms: this.#now() - at });
  }

  #checkFresh(): void {
    const { name } = this.#setting.config;
    const oldestMs = this.#now() - freshMs;
    for (const peer of this.#admission?.plan.peers ?? []) {
      if (peer !== name && (this.#latestMs.get(peer) ?? 0) < oldestMs) throw new Error(`${peer} is stale`);
    }
  }
}

function repeated(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length === size) return bytes;
  const all = new Uint8Array(size);
  for (let at = 0; at < size; at += bytes.length)
    all.set(bytes.subarray(0, Math.min(bytes.length, size - at)), at);
  return all;
}

async function register(
  { name, peer, coordinator }: PeerConfigFile,
  signal: AbortSignal,
): Promise<Admission> {
  const reply = await fetch(`${formatOrigin("http", coordinator)}/peers`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, address: peer }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(askTimeoutMs)]),
  });
  if (reply.status !== 200) throw new Error(`the coordinator answers ${reply.status}`);
  return (await reply.json()) as Admission;
}
