/**
 * A store of Ditto's SDK: a document for each message, in one collection that every peer subscribes to. The SDK is not
 * ours to install: `npm install @dittolive/ditto`. Keys come from a file, and nothing here says what they are.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { formatAuthority } from "../../core/address.ts";
import type { NewMessage, Store, StoreListener, StoreOptions, StoreStatus } from "./store.ts";

/** What is used of the SDK, version 5. */
interface Sdk {
  readonly Ditto: { readonly open: (config: object) => Promise<Ditto> };
  readonly DittoConfig: new (database: string, connect: object, folder: string) => object;
  readonly Differ: new () => {
    readonly diff: (items: readonly Item[]) => { readonly insertions: readonly number[] };
  };
  readonly Authenticator: { readonly DEVELOPMENT_PROVIDER: string };
  readonly Logger: { minimumLogLevel: string };
}

interface Item {
  readonly value: { readonly _id: string; readonly sender: string; readonly at: number };
}

interface SmallPeer {
  readonly peerKey: string;
  readonly peerMetadata: { readonly name?: unknown };
  readonly connections: readonly { readonly peer1: string; readonly peer2: string }[];
}

interface Ditto {
  readonly store: {
    readonly execute: (query: string, values?: object) => Promise<{ readonly items: readonly unknown[] }>;
    readonly registerObserver: (
      query: string,
      onChange: (result: { readonly items: readonly Item[] }) => void,
    ) => unknown;
  };
  readonly sync: { readonly start: () => void; readonly registerSubscription: (query: string) => unknown };
  readonly auth: {
    readonly setExpirationHandler: (handler: () => Promise<void>) => Promise<void>;
    readonly login: (
      token: string,
      provider: string,
    ) => Promise<{ readonly error?: { readonly message: string } | null }>;
  };
  readonly presence: {
    readonly observe: (onChange: (graph: PresenceGraph) => void) => unknown;
    readonly setPeerMetadata: (metadata: object) => Promise<void>;
    connectionRequestHandler:
      | ((request: { readonly peerMetadata: { readonly name?: unknown } }) => Promise<"allow" | "deny">)
      | null;
  };
  readonly setOfflineOnlyLicenseToken: (token: string) => void;
  readonly updateTransportConfig: (update: (config: TransportConfig) => void) => void;
  readonly close: () => Promise<void>;
}

interface PresenceGraph {
  readonly localPeer: SmallPeer;
  readonly remotePeers: readonly SmallPeer[];
}

interface TransportConfig {
  readonly setAllPeerToPeerEnabled: (isEnabled: boolean) => void;
  readonly listen: { readonly tcp: { isEnabled: boolean; interfaceIP: string; port: number } };
  readonly connect: { readonly tcpServers: string[] };
}

/** Peers that are to be reached at known addresses need a licence; others meet through Ditto's server. */
type Keys =
  | { readonly app: string; readonly licence: string }
  | { readonly app: string; readonly token: string; readonly server: string };

const packageName = "@dittolive/ditto";
const collection = "messages";

/** @throws Error naming the keys that are missing from the file */
export function readKeys(file: string, text: string): Keys {
  const found = parseEnv(text);
  const missing = (...names: readonly string[]) => names.filter((name) => (found[name] ?? "") === "");
  const { DITTO_APP_ID: app = "", DITTO_LICENSE: licence = "", DITTO_PG_TOKEN: token = "" } = found;
  const wanted = token !== "" && licence === "" ? ["DITTO_PG_TOKEN", "DITTO_AUTH_URL"] : ["DITTO_LICENSE"];
  const lacking = missing("DITTO_APP_ID", ...wanted);
  if (lacking.length > 0) {
    throw new Error(
      `${file}: ${lacking.join(" and ")} is missing. Ditto needs DITTO_APP_ID and DITTO_LICENSE, or DITTO_APP_ID, DITTO_PG_TOKEN and DITTO_AUTH_URL.`,
    );
  }
  return licence !== "" ? { app, licence } : { app, token, server: found.DITTO_AUTH_URL ?? "" };
}

/** @param load the SDK @throws Error where keys or the SDK are missing */
export async function openDittoStore(
  options: StoreOptions,
  load: () => Promise<unknown> = () => import(packageName),
): Promise<Store> {
  const file = options.secretsFile ?? ".secret.env";
  const text = await readFile(file, "utf8").catch(() => {
    throw new Error(`${file}: there is no such file. It holds the keys of Ditto.`);
  });
  const keys = readKeys(file, text);
  const loaded = (await load()) as { readonly default?: Sdk } & Sdk;
  const sdk = loaded.default ?? loaded;
  sdk.Logger.minimumLogLevel = "Warning";
  const connect = "licence" in keys ? { mode: "smallPeersOnly" } : { mode: "server", url: keys.server };
  const ditto = await sdk.Ditto.open(new sdk.DittoConfig(keys.app, connect, join(options.folder, "ditto")));
  return new DittoStore(options, { sdk, ditto, keys });
}

class DittoStore implements Store {
  readonly #options: StoreOptions;
  readonly #sdk: Sdk;
  readonly #ditto: Ditto;
  readonly #keys: Keys;
  readonly #addresses = new Set<string>();
  #connected: ReadonlySet<string> = new Set();
  #attempts = 0;

  constructor(
    options: StoreOptions,
    { sdk, ditto, keys }: { readonly sdk: Sdk; readonly ditto: Ditto; readonly keys: Keys },
  ) {
    this.#options = options;
    this.#sdk = sdk;
    this.#ditto = ditto;
    this.#keys = keys;
  }

  async subscribe({ onMessage, onConnection }: StoreListener): Promise<void> {
    const { name, listen, accepts } = this.#options;
    const { store, sync, presence } = this.#ditto;
    await presence.setPeerMetadata({ name });
    presence.connectionRequestHandler = async ({ peerMetadata }) =>
      accepts(String(peerMetadata.name)) ? "allow" : "deny";
    this.#ditto.updateTransportConfig((config) => {
      config.setAllPeerToPeerEnabled(false);
      Object.assign(config.listen.tcp, { isEnabled: true, interfaceIP: listen.host, port: listen.port });
    });
    presence.observe((graph) => this.#connect(connectedTo(graph), onConnection));
    const differ = new this.#sdk.Differ();
    store.registerObserver(
      `SELECT _id, sender, at FROM ${collection} WHERE sender != '${name}'`,
      ({ items }) => {
        for (const place of differ.diff(items).insertions) {
          const { _id, sender, at } = (items[place] as Item).value;
          const id = _id.slice(sender.length + 1);
          onMessage({ from: sender, id, atMs: at, payload: () => this.#payload(_id) });
        }
      },
    );
    sync.registerSubscription(`SELECT * FROM ${collection}`);
    await this.#signIn();
    sync.start();
  }

  async write({ id, atMs, stats, payload }: NewMessage): Promise<void> {
    const { name } = this.#options;
    const document = { _id: `${name}/${id}`, sender: name, at: atMs, stats, payload };
    await this.#ditto.store.execute(`INSERT INTO ${collection} DOCUMENTS (:document)`, { document });
  }

  /** The SDK tells neither bytes nor sizes. */
  status(): StoreStatus {
    return { connections: [...this.#connected], traffic: [] };
  }

  connect(_peer: string, address: StoreOptions["listen"]): void {
    const place = formatAuthority(address);
    if (this.#addresses.has(place)) return;
    this.#addresses.add(place);
    this.#ditto.updateTransportConfig((config) => config.connect.tcpServers.push(place));
  }

  /** In a collection that nobody subscribes to. */
  async tryWrite(): Promise<void> {
    const document = { _id: "attempt", number: this.#attempts++ };
    const query = "INSERT INTO attempts DOCUMENTS (:document) ON ID CONFLICT DO UPDATE";
    await this.#ditto.store.execute(query, { document });
  }

  async tryRead(): Promise<void> {
    await this.#ditto.store.execute(`SELECT _id FROM ${collection} LIMIT 1`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ditto.close();
  }

  async #payload(id: string): Promise<Uint8Array> {
    const query = `SELECT payload FROM ${collection} WHERE _id = :id`;
    const { items } = await this.#ditto.store.execute(query, { id });
    return (items[0] as { readonly value: { readonly payload: Uint8Array } }).value.payload;
  }

  async #signIn(): Promise<void> {
    const keys = this.#keys;
    if ("licence" in keys) {
      this.#ditto.setOfflineOnlyLicenseToken(keys.licence);
      return;
    }
    const provider = this.#sdk.Authenticator.DEVELOPMENT_PROVIDER;
    await this.#ditto.auth.setExpirationHandler(async () => {
      const { error } = await this.#ditto.auth.login(keys.token, provider);
      if (error) throw new Error(`Ditto does not accept the token: ${error.message}`);
    });
  }

  #connect(now: ReadonlySet<string>, onConnection: StoreListener["onConnection"]): void {
    const before = this.#connected;
    this.#connected = now;
    for (const peer of now.difference(before)) onConnection("connect", peer);
    for (const peer of before.difference(now)) onConnection("disconnect", peer);
  }
}

/** Names of the peers at the other ends of the local peer's connections. */
function connectedTo({ localPeer, remotePeers }: PresenceGraph): ReadonlySet<string> {
  const names = new Map(remotePeers.map(({ peerKey, peerMetadata }) => [peerKey, peerMetadata.name]));
  const ends = localPeer.connections.flatMap(({ peer1, peer2 }) => [peer1, peer2]);
  return new Set(ends.map((key) => names.get(key)).filter((name) => typeof name === "string"));
}
