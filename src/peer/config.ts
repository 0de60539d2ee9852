/** What a peer's process reads from its home, and what peers and their coordinator say to each other. Plain JSON. */

/** A TCP address. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** How its program was built: what the report says of it. */
export const flavours = ["release", "debug"] as const;
export type Flavour = (typeof flavours)[number];

export const stores = ["automerge", "ditto"] as const;
export type StoreName = (typeof stores)[number];

export const eventPlaces = ["file", "store"] as const;
/** file: a peer is asked for its own events. store: it puts them into the store, and any peer has those of all. */
export type EventPlace = (typeof eventPlaces)[number];

export const writeProfiles = ["random", "fixed-rate"] as const;
/** random: gaps uniform in (0.01, 0.99], scaled to the rate. fixed-rate: one message every so often. */
export type WriteProfile = (typeof writeProfiles)[number];

/** What all peers do alike; its hash is asked back from each. */
export interface PeerPlan {
  /** Of all random numbers. */
  readonly seed: string;
  /** Names of all peers that are expected. */
  readonly peers: readonly string[];
  /** Those of them that join after the others, and are not waited for. */
  readonly late: readonly string[];
  /** Pairs that connect to each other; null: all. */
  readonly edges: readonly (readonly [string, string])[] | null;
  /** Of one peer, messages per second. */
  readonly messagesPerSec: number;
  readonly profile: WriteProfile;
  readonly messageBytes: number;
  /** Of each operation. */
  readonly probesPerSec: number;
}

/** peer.json of a peer. */
export interface PeerConfigFile {
  readonly role: "peer";
  readonly name: string;
  readonly rpc: Address;
  readonly peer: Address;
  /** RPC of the coordinator: the one address that every peer knows. */
  readonly coordinator: Address;
  /** Where this peer reaches others, if not at the address at which they listen. */
  readonly routes: Readonly<Record<string, Address>>;
  readonly store: StoreName;
  readonly flavour: Flavour;
  readonly eventsIn: EventPlace;
  /** Absolute path of a file with keys that the store needs. */
  readonly secretsFile?: string | undefined;
  /** It joins so many seconds after all that are waited for; absent: it is waited for. */
  readonly joinAfterSecs?: number | undefined;
  /** "http://host:port": where events are pushed to, beside the file that each peer keeps. */
  readonly sink?: string | undefined;
}

/** peer.json of the coordinator. */
export interface CoordinatorConfigFile {
  readonly role: "coordinator";
  readonly name: string;
  readonly rpc: Address;
  readonly plan: PeerPlan;
  /** How often peers ask, and links are checked. */
  readonly heartbeatMs: number;
}

export const configFile = "peer.json";

/** POST /peers of the coordinator: a peer says that it is there, again and again. */
export interface Registration {
  readonly name: string;
  readonly address: Address;
}

/** The coordinator's reply to it. */
export interface Admission {
  readonly heartbeatMs: number;
  readonly plan: PeerPlan;
  /** SHA-256 of the plan, hexadecimal. */
  readonly planHash: string;
  /** All that have registered, the asking one too. */
  readonly peers: readonly Registration[];
  /** Whether all peers that are waited for are there, so that writing begins. Stays so, also when some go. */
  readonly isComplete: boolean;
}
