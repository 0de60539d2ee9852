/** A store of automerge-repo documents: each peer appends to documents of its own, and all peers hold all of them. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import {
  type BinaryDocumentId,
  type DocHandle,
  type DocumentId,
  interpretAsDocumentId,
  type PeerId,
  Repo,
} from "@automerge/automerge-repo";
import { Automerge } from "@automerge/automerge-repo/slim";
import type { WebSocketServer } from "ws";
import { formatOrigin } from "../../core/address.ts";
import { FileStorage } from "./files.ts";
import { CountedClient, CountedServer, listen, Meter } from "./network.ts";
import type { NewMessage, Store, StoreListener, StoreOptions, StoreStatus } from "./store.ts";

interface Entry {
  readonly id: string;
  readonly at: number;
  readonly stats: NewMessage["stats"];
  readonly payload: Uint8Array;
}

interface Segment extends Record<string, unknown> {
  entries: Entry[];
}

interface OwnSegment {
  readonly handle: DocHandle<Segment>;
  readonly segment: number;
  messages: number;
  bytes: number;
}

/** A peer begins a new document after so many messages, or bytes: what a change costs grows with its document. */
const segmentMessages = 256;
const segmentBytes = 8 * 1024 * 1024;
const savedEveryMs = 100;

/** A peer's document, by its place: known to all who know the peer's name. */
function documentId(peer: string, segment: number): DocumentId {
  const hash = createHash("sha256").update(`${peer} ${segment}`).digest();
  return interpretAsDocumentId(new Uint8Array(hash.subarray(0, 16)) as BinaryDocumentId);
}

export async function openAutomergeStore(options: StoreOptions): Promise<Store> {
  const files = await FileStorage.open(join(options.folder, "documents"));
  const server = await listen(options.listen);
  return new AutomergeStore(options, { files, server });
}

class AutomergeStore implements Store {
  readonly #options: StoreOptions;
  readonly #files: FileStorage;
  readonly #server: WebSocketServer;
  readonly #meter = new Meter();
  readonly #clients = new Map<string, CountedClient>();
  readonly #connected = new Set<string>();
  #repo: Repo | undefined;
  #listener: StoreListener | undefined;
  /** Own document, its place, and what it holds. */
  #own: OwnSegment | undefined;
  #scratch = Automerge.from<{ value: number }>({ value: 0 });

  constructor(
    options: StoreOptions,
    { files, server }: { readonly files: FileStorage; readonly server: WebSocketServer },
  ) {
    this.#options = options;
    this.#files = files;
    this.#server = server;
  }

  async subscribe(listener: StoreListener): Promise<void> {
    const { name, peers } = this.#options;
    this.#listener = listener;
    const adapter = new CountedServer(this.#server, this.#adapterOptions());
    this.#watch(adapter);
    this.#repo = new Repo({
      peerId: name as PeerId,
      storage: this.#files,
      network: [adapter],
      saveDebounceRate: savedEveryMs,
      sharePolicy: async () => true,
    });
    await this.#openOwn(0);
    for (const peer of peers) if (peer !== name) this.#followOn(peer, 0);
  }

  async write({ id, atMs, stats, payload }: NewMessage): Promise<void> {
    const own = await this.#ownSegment(payload.length);
    own.handle.change((document) => {
      document.entries.push({ id, at: atMs, stats, payload });
    });
    own.messages++;
    own.bytes += payload.length;
  }

  status(): StoreStatus {
    return {
      connections: [...this.#connected],
      traffic: [...this.#meter.peers].map(([peer, counters]) => ({ peer, ...counters })),
      stateBytes: this.#files.documentBytes,
    };
  }

  connect(peer: string, address: StoreOptions["listen"]): void {
    if (this.#clients.has(peer) || this.#repo === undefined) return;
    const client = new CountedClient(formatOrigin("ws", address), this.#adapterOptions());
    this.#watch(client);
    this.#clients.set(peer, client);
    this.#repo.networkSubsystem.addNetworkAdapter(client);
  }

  async tryWrite(): Promise<void> {
    this.#scratch = Automerge.change(this.#scratch, (document) => {
      document.value++;
    });
  }

  async tryRead(): Promise<void> {
    const { entries } = (this.#own?.handle.doc() ?? { entries: [] }) as Segment;
    if (!Array.isArray(entries)) throw new TypeError("the own document cannot be read");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) client.disconnect();
    const ready = Object.values(this.#repo?.handles ?? {}).filter((handle) => handle.isReady());
    await this.#repo?.flush(ready.map((handle) => handle.documentId));
    await this.#files.close();
    this.#server.close();
    for (const socket of this.#server.clients) socket.terminate();
  }

  #adapterOptions() {
    const { accepts, heartbeatMs } = this.#options;
    return { meter: this.#meter, accepts, heartbeatMs };
  }

  #watch(adapter: CountedServer | CountedClient): void {
    adapter.on("peer-candidate", ({ peerId }) => this.#setConnected(peerId, true));
    adapter.on("peer-disconnected", ({ peerId }) => this.#setConnected(peerId, false));
  }

  #setConnected(peer: string, isConnected: boolean): void {
    if (this.#connected.has(peer) === isConnected) return;
    if (isConnected) this.#connected.add(peer);
    else this.#connected.delete(peer);
    this.#listener?.onConnection(isConnected ? "connect" : "disconnect", peer);
  }

  /** The one to write to: the next, where the last is full. */
  async #ownSegment(bytes: number) {
    const own = this.#own;
    if (own === undefined) throw new TypeError("write before subscribe");
    if (own.messages < segmentMessages && (own.messages === 0 || own.bytes + bytes <= segmentBytes))
      return own;
    return await this.#openOwn(own.segment + 1);
  }

  /** The first of its own documents from `segment` on that is not full; makes it where there is none. */
  async #openOwn(segment: number): Promise<OwnSegment> {
    const { name } = this.#options;
    const id = documentId(name, segment);
    const repo = this.#repo as Repo;
    // Others may have asked for it already, which leaves a state of synchronization and no document.
    const isStored = this.#files.hasDocument(id);
    const handle = isStored
      ? await repo.find<Segment>(id as never)
      : repo.import<Segment>(Automerge.save(Automerge.from<Segment>({ entries: [] })), { docId: id });
    const { entries } = handle.doc() as Segment;
    const bytes = entries.reduce((sum, { payload }) => sum + payload.length, 0);
    if (entries.length >= segmentMessages || bytes >= segmentBytes) return await this.#openOwn(segment + 1);
    this.#own = { handle, segment, messages: entries.length, bytes };
    return this.#own;
  }

  /** Not waited for: a document is there once somebody who has it is connected. */
  #followOn(peer: string, segment: number): void {
    this.#follow(peer, segment).catch((error: unknown) => {
      this.#listener?.onTrouble(`documents of ${peer} are no longer followed: ${String(error)}`);
    });
  }

  /** Tells of all that is in a peer's document, and of what comes; then of the next document. */
  async #follow(peer: string, segment: number): Promise<void> {
    const repo = this.#repo as Repo;
    const handle = await repo.find<Segment>(documentId(peer, segment) as never, {
      allowableStates: ["ready", "unavailable", "requesting"],
    });
    let [told, isFollowed] = [0, false];
    const tell = (document: Segment | undefined) => {
      const entries = document?.entries;
      if (!Array.isArray(entries)) return;
      // Entries of a peer that came back with fewer than others know of may come in between: all are looked at again.
      const from = entries.length > told + 1 ? 0 : told;
      for (const { id, at, payload } of entries.slice(from)) {
        this.#listener?.onMessage({ from: peer, id, atMs: at, payload: async () => payload });
      }
      told = entries.length;
      const bytes = entries.reduce((sum, { payload }) => sum + payload.length, 0);
      if (isFollowed || (entries.length < segmentMessages && bytes < segmentBytes / 2)) return;
      isFollowed = true;
      this.#followOn(peer, segment + 1);
    };
    handle.on("change", ({ doc }) => tell(doc));
    if (handle.isReady()) tell(handle.doc());
  }
}
