/** A peer: registers, follows the plan, writes by its schedule, and tells of all that it writes and reads. */
import { join } from "node:path";
import { delay } from "../core/async.ts";
import { CollectedEvents, chunkStart, putEvents } from "./collected.ts";
import type { Admission, PeerConfigFile } from "./config.ts";
import { areComplete, register } from "./coordinator-client.ts";
import { jsonReply, type Reply, type Routes, readLines } from "./http.ts";
import { Journal, preciseNow } from "./journal.ts";
import { dials, gapsSecs, neighboursOf } from "./plan.ts";
import { probe } from "./probes.ts";
import { pushEvents } from "./sink.ts";
import type { PeerStats, Store, StoredMessage, StoreOptions } from "./store/store.ts";

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

const retryMs = 200;
const reportEveryMs = 500;
/** Timers of Node.js may fire early by less than this. */
const timerGrainMs = 1;

export class PeerNode {
  readonly #setting: PeerSetting;
  readonly #journal: Journal;
  /** Of all peers, where the store holds them. */
  #collected: CollectedEvents | undefined;
  /** Ids are of this life: nobody gives one twice. */
  readonly #life = Date.now().toString(36);
  #store: Store | undefined;
  #admission: Admission | undefined;
  #written = 0;
  /** It has not begun yet, because it joins after the others. */
  #isLate: boolean;
  /** The sink of events has taken some. */
  #isPushed = false;

  constructor(setting: PeerSetting) {
    this.#setting = setting;
    this.#journal = new Journal(join(setting.home, "events.ndjson"), setting.config.name);
    this.#isLate = setting.config.joinAfterSecs !== undefined && this.#journal.isNew;
    if (!this.#isLate) this.#tellStart();
  }

  get routes(): Routes {
    return {
      "GET /status": () => jsonReply(this.#status()),
      "GET /events": ({ url }) => this.#read(url),
    };
  }

  /** Resolves when the signal aborts. */
  async run(): Promise<void> {
    const { config, signal, openStore, home, log } = this.#setting;
    const { sink } = config;
    if (this.#isLate) await this.#waitForTurn(config.joinAfterSecs ?? 0);
    const first = await this.#ask(() => true);
    const { plan, heartbeatMs } = first;
    const neighbours = neighboursOf(plan, config.name);
    await using store = await openStore({
      name: config.name,
      peers: plan.peers,
      listen: config.peer,
      folder: home,
      heartbeatMs,
      secretsFile: config.secretsFile,
      accepts: (peer) => neighbours.has(peer) || !plan.peers.includes(peer),
    });
    const collected = config.eventsIn === "store" ? new CollectedEvents(home, plan.peers) : undefined;
    using _ = collected;
    this.#collected = collected;
    await store.subscribe({
      onMessage: (message) => this.#hold(message),
      onConnection: (type, peer) => this.#journal.tell({ type, at: preciseNow(), peer }),
      onTrouble: (what) => log(what),
    });
    this.#store = store;
    this.#meet(first);
    const work = [
      this.#keepAsking(heartbeatMs),
      this.#report(),
      probe({
        store,
        perSecond: plan.probesPerSec,
        others: () => this.#others(),
        latestMs: (peer) => this.#journal.latestMs(peer),
        now: preciseNow,
        tell: (event) => this.#journal.tell(event),
        signal,
      }),
      this.#writeOn(plan),
      ...(sink === undefined ? [] : [this.#push(sink)]),
      ...(collected === undefined
        ? []
        : [
            putEvents({
              store,
              collected,
              journal: this.#journal,
              name: config.name,
              stats: () => this.#stats(),
              signal,
            }),
          ]),
    ];
    await Promise.all(work).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  [Symbol.dispose](): void {
    this.#journal[Symbol.dispose]();
  }

  #tellStart(): void {
    this.#journal.tell({ type: "start", at: preciseNow(), flavour: this.#setting.config.flavour });
  }

  /** Until the others have been complete for so long. */
  async #waitForTurn(secs: number): Promise<void> {
    const { config, signal } = this.#setting;
    while (!(await areComplete(config.coordinator, signal))) await delay(retryMs, signal);
    await delay(secs * 1000, signal);
    this.#isLate = false;
    this.#tellStart();
  }

  #hold(message: StoredMessage): void {
    const fromByte = chunkStart(message.id);
    if (fromByte === undefined) {
      this.#journal.hold(message);
      return;
    }
    void message.payload().then(
      (lines) => this.#collected?.take(message.from, fromByte, lines),
      (error: unknown) => this.#setting.log("events of a peer were not read", { error: String(error) }),
    );
  }

  #status() {
    const { connections = [] } = this.#store?.status() ?? {};
    const { planHash } = this.#admission ?? {};
    const waitsFor = this.#lacking(connections);
    return {
      clock: preciseNow(),
      plan: planHash,
      stream: this.#journal.isNew ? undefined : this.#journal.stream,
      told: this.#journal.bytes,
      isReady: waitsFor === undefined,
      waitsFor,
      connections,
      written: this.#written,
      held: this.#journal.held,
    };
  }

  /** What it waits for before it can take part, for people; undefined: nothing. */
  #lacking(connections: readonly string[]): string | undefined {
    const { name, sink } = this.#setting.config;
    if (this.#isLate) return undefined;
    if (this.#admission === undefined) return "its coordinator";
    const { plan, isComplete } = this.#admission;
    if (!isComplete) return "peers that have not registered";
    const expected = [...neighboursOf(plan, name)].filter((peer) => !plan.late.includes(peer));
    const apart = expected.filter((peer) => !connections.includes(peer));
    if (apart.length > 0) return `connections to ${apart.slice(0, 5).join(", ")}`;
    return sink === undefined || this.#isPushed ? undefined : `the sink of events, ${sink}`;
  }

  /** Of whom there are messages: those of the plan that have registered. */
  #others(): readonly string[] | undefined {
    const { isComplete = false, peers = [], plan } = this.#admission ?? {};
    if (!isComplete) return undefined;
    const names = peers.map(({ name }) => name);
    return names.filter((name) => name !== this.#setting.config.name && plan?.peers.includes(name));
  }

  #push(sink: string): Promise<void> {
    const { log, signal } = this.#setting;
    const onPushed = () => {
      this.#isPushed = true;
    };
    return pushEvents({ sink, journal: this.#journal, onPushed, log, signal });
  }

  /** Its own events, or those of a peer that the store brought, from a byte on. */
  #read(url: URL): Reply {
    const of = url.searchParams.get("of");
    return readLines(url, (from, most) => {
      const lines = of === null ? this.#journal.read(from, most) : this.#collected?.read(of, from, most);
      if (lines === undefined) throw new RangeError("of: the name of a peer whose events are collected");
      return lines;
    });
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
    let dueMs = preciseNow();
    for (;;) {
      dueMs += gaps.next().value * 1000;
      const waitMs = dueMs - preciseNow();
      if (waitMs > 0) await delay(waitMs + timerGrainMs, signal);
      signal.throwIfAborted();
      await this.#write(dueMs, plan.messageBytes);
    }
  }

  async #write(due: number, size: number): Promise<void> {
    const id = `${this.#life}-${this.#written++}`;
    const at = preciseNow();
    // Told first: what others have read, this peer says that it wrote, whatever becomes of it.
    this.#journal.tell({ type: "write", at, id, due, size });
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
      const at = preciseNow();
      for (const { peer, sentBytes, receivedBytes } of traffic) {
        this.#journal.tell({ type: "bytes", at, peer, sent: sentBytes, received: receivedBytes });
      }
      if (stateBytes !== undefined) this.#journal.tell({ type: "state", at, bytes: stateBytes });
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
