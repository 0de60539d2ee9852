import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeploymentPlan, NodeProgram, PlacementView, PlannedNode } from "../contracts/deployment.ts";
import type { PeerEventSource } from "../contracts/load/peer-events.ts";
import type { DeploymentRequest, Protocol, ProtocolOption } from "../contracts/protocol.ts";
import { checkedOptions, committeeDiagnostics } from "../contracts/protocol-options.ts";
import { packageClosure } from "../core/process/packages.ts";
import {
  type CoordinatorConfigFile,
  configFile,
  eventPlaces,
  flavours,
  type PeerConfigFile,
  type PeerPlan,
  type StoreName,
  stores,
  writeProfiles,
} from "../peer/config.ts";
import { noSink, sinkDiagnostics } from "./event-sink.ts";
import { jsonFile, noClients, probeStatus } from "./plan-parts.ts";

const roles = { peer: "peer", coordinator: "coordinator" } as const;
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What each store imports. Ditto's is the user's to install. */
const libraries: Readonly<Record<StoreName, readonly string[]>> = {
  automerge: ["@automerge/automerge-repo", "@automerge/automerge-repo-network-websocket"],
  ditto: ["@dittolive/ditto"],
};

/** The embedded peer, from the package that this file belongs to. */
const program = (store: StoreName): NodeProgram => ({
  kind: "node-program",
  name: "peer",
  root,
  entry: "dist/peer/main.js",
  // The library's timers ask for times that have passed.
  nodeFlags: ["--disable-warning=TimeoutNegativeWarning"],
  include: ["dist/core", "dist/peer", "dist/contracts/load/peer-events.js", "package.json"],
  packages: packageClosure(libraries[store], import.meta.url),
});

const options: readonly ProtocolOption[] = [
  {
    name: "store",
    meaning: "store that replicates the messages",
    allowed: { kind: "choice", choices: stores },
    default: "automerge",
  },
  {
    name: "secretsFile",
    meaning: "file with the keys of the store, for those that need some",
    allowed: { kind: "text" },
    default: ".secret.env",
  },
  {
    name: "profile",
    meaning: "times between writes: random gaps, or fixed-rate",
    allowed: { kind: "choice", choices: writeProfiles },
    default: "random",
  },
  {
    name: "flavour",
    meaning: "release, or debug: the store logs all that it does, which costs time",
    allowed: { kind: "choice", choices: flavours },
    default: "release",
  },
  {
    name: "heartbeatMs",
    meaning: "how often peers ask the coordinator, and connections are checked and made again",
    allowed: { kind: "number", whole: true, least: 100, most: 60_000 },
    default: 1000,
  },
  {
    name: "probesPerSec",
    meaning: "attempts a second of each peer to read, to write, and to see fresh data",
    allowed: { kind: "number", whole: true, least: 0, most: 100 },
    default: 10,
  },
  {
    name: "lateJoinSecs",
    meaning: "the last peer joins so many seconds after the others began; 0: with them",
    allowed: { kind: "number", whole: true, least: 0, most: 3600 },
    default: 0,
  },
  {
    name: "eventsIn",
    meaning:
      "where peers keep their events: a file each, or the store itself, from which any peer has those of all",
    allowed: { kind: "choice", choices: eventPlaces },
    default: "file",
  },
  {
    name: "sink",
    meaning:
      "address of baleen serve --events-dir, http://HOST:PORT, to which peers push their events; none: Baleen asks them",
    allowed: { kind: "text" },
    default: noSink,
  },
];

const largestPeers = 128;
const largestMessageBytes = 4 * 1024 * 1024;

/** Peers that write and read messages of a replicated store. */
export const mesh: Protocol = {
  name: "mesh",
  title: "embedded peers with a local-first store",
  options,
  // Every peer goes on by itself.
  toleratedFaults: (nodes) => nodes - 1,
  plan,
  probe: probeStatus,
  ...noClients({ smallestBytes: 1, largestBytes: largestMessageBytes }),
  messages: (given) => ({
    events: eventsOf(given),
    status: {
      ...{ plane: "rpc", path: "/status" },
      ...{ clock: "/clock", plan: "/plan", connections: "/connections", told: "/told" },
    },
  }),
};

function eventsOf({ sink, eventsIn }: Readonly<Record<string, unknown>>): PeerEventSource {
  if (typeof sink === "string" && sink !== noSink) return { from: "sink", origin: sink, stream: "/stream" };
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: the reader of the events fills these in
  return eventsIn === "store"
    ? { from: "http", plane: "rpc", path: "/events?of=${node}&from=${cursor}", via: "any" }
    : { from: "http", plane: "rpc", path: "/events?from=${cursor}" };
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: the reader of the events fills these in
}

function plan({ nodes, options: given, load }: DeploymentRequest): DeploymentPlan {
  const values = checkedOptions("mesh", options, given, [
    ...committeeDiagnostics(nodes, largestPeers),
    ...sinkDiagnostics(String(given.sink ?? noSink)),
  ]);
  const peerProgram = program(values.store as StoreName);
  const joinAfterSecs = Number(values.lateJoinSecs);
  const peersOf = (view: PlacementView) =>
    view.nodes.filter(({ role }) => role === roles.peer).map(({ name }) => name);
  const lateOf = (view: PlacementView) => (joinAfterSecs === 0 || nodes === 1 ? [] : peersOf(view).slice(-1));
  const planOf = (view: PlacementView): PeerPlan => ({
    seed: load?.seed ?? "",
    peers: peersOf(view),
    late: lateOf(view),
    edges: load?.edges ?? null,
    messagesPerSec: (load?.rateTps ?? nodes) / nodes,
    profile: values.profile as PeerPlan["profile"],
    messageBytes: load?.transactionSizeBytes ?? 1,
    probesPerSec: Number(values.probesPerSec),
  });
  const peerConfig = ({ name }: PlannedNode, view: PlacementView): PeerConfigFile => {
    const others = view.nodes.filter((other) => other.role === roles.peer && other.name !== name);
    return {
      role: "peer",
      name,
      rpc: view.listen("rpc"),
      peer: view.listen("peer"),
      coordinator: view.endpoint(coordinatorOf(view), "rpc"),
      routes: Object.fromEntries(others.map((other) => [other.name, view.endpoint(other.name, "peer")])),
      store: values.store as StoreName,
      eventsIn: values.eventsIn as PeerConfigFile["eventsIn"],
      ...(values.store === "ditto" ? { secretsFile: resolve(String(values.secretsFile)) } : {}),
      flavour: values.flavour as PeerConfigFile["flavour"],
      ...(lateOf(view).includes(name) ? { joinAfterSecs } : {}),
      ...(values.sink === noSink ? {} : { sink: String(values.sink) }),
    };
  };
  const coordinatorConfig = (name: string, view: PlacementView): CoordinatorConfigFile => ({
    role: "coordinator",
    name,
    rpc: view.listen("rpc"),
    plan: planOf(view),
    heartbeatMs: Number(values.heartbeatMs),
  });
  return {
    protocol: "mesh",
    groups: [
      {
        role: roles.peer,
        count: nodes,
        program: peerProgram,
        planes: ["rpc", "peer"],
        startAfter: [roles.coordinator],
        configure: (node, view) => ({
          args: ["--home", view.home],
          env: values.flavour === "debug" ? { DEBUG: "automerge-repo:*" } : undefined,
          files: [jsonFile(configFile, peerConfig(node, view), 0o644)],
        }),
      },
      {
        role: roles.coordinator,
        count: 1,
        isHelper: true,
        isApart: true,
        program: peerProgram,
        planes: ["rpc"],
        configure: ({ name }, view) => ({
          args: ["--home", view.home],
          files: [jsonFile(configFile, coordinatorConfig(name, view), 0o644)],
        }),
      },
    ],
  };
}

const coordinatorOf = ({ nodes }: PlacementView) =>
  nodes.find(({ role }) => role === roles.coordinator)?.name ?? "";
