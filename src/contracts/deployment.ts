/** What is to run (a plan), what puts it on machines (a deployer), and what runs (network, nodes, endpoints). */

import type { Readable, Writable } from "node:stream";
import type { Diagnostic } from "../core/errors.ts";
import type { Emit } from "./events.ts";
import type { Machine } from "./hosts/host-load.ts";
import type { LinkShaping, PlannedLinks } from "./links/shaping.ts";
import type { LinkReport } from "./nodes/links.ts";
import type { Endpoint, NodeName, Plane, Viewpoint } from "./nodes/node.ts";
import type { OverlayHost } from "./nodes/overlay.ts";
import type { RunEvidence } from "./results/verdict.ts";

/** A program of JavaScript modules, started with Node.js: as a process from `root`, or in an image made of `include`. */
export interface NodeProgram {
  readonly kind: "node-program";
  /** Short name, used for the image: "validator". */
  readonly name: string;
  /** Absolute path of the folder that holds everything below. */
  readonly root: string;
  /** Module that is started, relative to root. */
  readonly entry: string;
  /** Flags of Node.js itself. */
  readonly nodeFlags?: readonly string[];
  /** Its first arguments, in an image. */
  readonly args?: readonly string[];
  /** Files and folders the program needs at run time, relative to root. */
  readonly include: readonly string[];
  /** Packages it imports: name and absolute folder of each, wherever npm has laid it. */
  readonly packages?: Readonly<Record<string, string>>;
  /**
   * What it needs of the system, by absolute path: a program that it starts, fonts. In an image they lie at the same
   * paths, folders with all that is in them, with the shared libraries of their programs.
   */
  readonly system?: readonly string[];
}

/**
 * A program that was made elsewhere: a file of this machine, an image, or both. Plain processes are started from the
 * file; containers from the image, or where none is named from one that is made of the file.
 */
export interface ForeignProgram {
  readonly kind: "foreign-program";
  /** Short name, used for the image that is made of the file: "cometbft". */
  readonly name: string;
  /** Absolute path of the executable file. */
  readonly path?: string | undefined;
  /** Name by which the engine or a registry knows the image. */
  readonly image?: string | undefined;
  /** What is started in that image, before the node's arguments; absent: the image's own entrypoint. */
  readonly entrypoint?: readonly string[] | undefined;
  /** For people who have neither: how to get it, a sentence. */
  readonly remedy: string;
}

export type Program = NodeProgram | ForeignProgram;

export interface PlannedNode {
  readonly name: NodeName;
  readonly role: string;
  /** Place within its group, from 0. */
  readonly index: number;
}

/** A file that is laid into a node's home before it starts. */
export interface NodeFile {
  /** Relative to the node's home, with forward slashes. */
  readonly path: string;
  readonly content: string;
  /** Permission bits: 0o600 for keys. */
  readonly mode: number;
}

export interface NodeConfiguration {
  /** Arguments after the program's entry. */
  readonly args: readonly string[];
  /** Environment variables of the node, beside those that its deployer gives to all. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly files: readonly NodeFile[];
}

/** What a node's configuration may depend on, known once every node has its place. */
export interface PlacementView {
  /** The node's home folder as the node itself sees it; writable, kept over a restart of the node. */
  readonly home: string;
  readonly nodes: readonly PlannedNode[];
  /** Address at which *this* node reaches `target`. */
  readonly endpoint: (target: NodeName, plane: Plane) => Endpoint;
  readonly listen: (plane: Plane) => Endpoint;
  /** A node's place in the overlay. Absent: the plan has none. @throws InvalidArgumentError of a node that is apart */
  readonly overlay?: ((node: NodeName) => OverlayHost) | undefined;
  /**
   * What a node told of itself when it had started, by the name that its group gives to it.
   * @throws InvalidArgumentError where this node's group does not start after that of the other
   */
  readonly exported: (node: NodeName, name: string) => string;
}

/** Where a node tells something of itself that others need before they start. */
export type NodeExport =
  /** The first line of its output that matches: the text of the pattern's first group. */
  | { readonly from: "log"; readonly pattern: RegExp }
  /** GET on one of its planes; `pointer` is a JSON Pointer (RFC 6901) to a text or number of the reply. */
  | { readonly from: "http"; readonly plane: Plane; readonly path: string; readonly pointer: string };

/** One that the program listens on whatever it is told; or that of the group's node i, which is base + i. */
export type FixedPort = number | { readonly base: number };

/** Nodes of one kind: a committee is one group; a bootstrap node, a relay, a client would be others. */
export interface NodeGroup {
  readonly role: string;
  readonly count: number;
  /** Its nodes stand beside the committee: no transactions go to them, and nobody asks for their health. */
  readonly isHelper?: boolean | undefined;
  /** Its nodes stand outside of every topology: all others may reach them. */
  readonly isApart?: boolean | undefined;
  /** Its nodes open ports of their own to those on other hosts, so that there they use their host's network. */
  readonly usesHostNetwork?: boolean | undefined;
  readonly program: Program;
  readonly planes: readonly Plane[];
  /** Ports that are not for the deployer to choose, as it does those of other planes. */
  readonly ports?: Readonly<Partial<Record<Plane, FixedPort>>> | undefined;
  /** Where a user wrote these down, for whoever has to mend them: "relay.yaml:12". */
  readonly portsPlace?: string | undefined;
  /** Roles of groups that must run, and have told all that they export, before this one is configured. */
  readonly startAfter?: readonly string[] | undefined;
  /** What each of its nodes tells of itself, by name. */
  readonly exports?: Readonly<Record<string, NodeExport>> | undefined;
  /** Called when every node has its place, and those that this group starts after have started. */
  readonly configure: (node: PlannedNode, view: PlacementView) => NodeConfiguration;
}

/** Everything a deployer must know to place and start a network. */
export interface DeploymentPlan {
  readonly protocol: string;
  readonly groups: readonly NodeGroup[];
  /** Absent: traffic between nodes is left as it is. */
  readonly links?: PlannedLinks | undefined;
  /** Its nodes want interfaces of their own for a network under test, which `links` then has. */
  readonly needsOverlay?: true | undefined;
  /** Pairs of nodes that the topology connects; absent: all. */
  readonly edges?: readonly (readonly [NodeName, NodeName])[] | undefined;
}

export interface NodeStatus {
  readonly state: "running" | "paused" | "exited" | "missing";
  /** Set once it has ended by itself or by a signal. */
  readonly exitCode?: number | undefined;
  readonly signal?: string | undefined;
}

export interface NodeStats {
  /** CPU time used since its start, all cores, seconds. */
  readonly cpuSecs: number;
  /** Resident memory, bytes. */
  readonly memoryBytes: number;
  /** Both absent where they cannot be had. */
  readonly threads?: number | undefined;
  readonly openFiles?: number | undefined;
}

export interface NetworkNode extends PlannedNode {
  readonly status: () => Promise<NodeStatus>;
  /** The last `tailLines` lines of its output, standard error included. */
  readonly logs: (options: { tailLines: number }) => Promise<string>;
  /** undefined where the node does not run. */
  readonly stats: () => Promise<NodeStats | undefined>;
  /** SIGKILL, asked for: not reported as an unexpected exit. */
  readonly kill: () => Promise<void>;
  /** Graceful stop, then kill after `graceMs`. */
  readonly stop: (options: { graceMs: number }) => Promise<void>;
  /** Starts it again on its old home. */
  readonly start: () => Promise<void>;
  readonly pause: () => Promise<void>;
  readonly resume: () => Promise<void>;
}

/** A node that ended without being asked to. */
export type NodeExit = RunEvidence["nodeExits"][number];

/** What is left at a network's end. keep: all; remove: no containers, no networks; thorough: nor volumes and data. */
export type Cleanup = "keep" | "remove" | "thorough";

/** What still exists after the end, and how to remove it. */
export interface Leftover {
  readonly what: readonly string[];
  /** Command line that removes it. */
  readonly command: string;
}

/** A program that runs elsewhere. Disposing ends it, and waits until nothing of it is left there. */
export interface PlacedProcess extends AsyncDisposable {
  /** The program ends with it. */
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Why it ended, or why nothing is heard of it any more, for people. Never rejects. */
  readonly ended: Promise<string>;
}

/** A host of the network on which clients are to run. */
export interface ClientSite {
  readonly host: string;
  /** Processors; absent where it does not tell. */
  readonly cpus?: number | undefined;
  /** The nodes that its clients drive, each at the address that leads there from this host. At least one. */
  readonly targets: readonly { readonly node: NodeName; readonly rpc: Endpoint }[];
  /**
   * Starts the program that runs clients; its standard input and output are the way to it. What it has written to
   * standard error stands in `ended`. Where it cannot be started, nothing of it is left.
   */
  readonly start: (signal: AbortSignal) => Promise<PlacedProcess>;
}

/** A deployed system. Disposing of it applies the clean-up that it was deployed with, within a bound of its own. */
export interface Network extends AsyncDisposable {
  readonly runtime: "docker" | "process";
  readonly nodes: readonly NetworkNode[];
  /** Nodes beside these, of groups that are helpers; absent where there are none. */
  readonly helpers?: readonly NetworkNode[];
  readonly endpoint: (target: NodeName, seenBy: Viewpoint, plane: Plane) => Endpoint;
  /** Calls the listener for every node that ended, or will end, without being asked to; returns the way to stop. */
  readonly onExit: (listener: (exit: NodeExit) => void) => () => void;
  /**
   * Measures clocks and round trips of the hosts themselves, without what emulated links add; absent where the nodes
   * share the coordinator's machine.
   */
  readonly measureLinks?: (signal: AbortSignal) => Promise<LinkReport>;
  /** Present where the plan has links. */
  readonly links?: LinkShaping | undefined;
  /** Where clients are to run; absent: on the machine that runs Baleen alone. */
  readonly clientSites?: readonly ClientSite[];
  /** Those that take part, the coordinator's first; absent where nobody knows which processes are the network's. */
  readonly machines?: () => readonly Machine[];
  /** Ends it (or lets it go with "keep") and says what is left. Works at any time, more than once, also half-deployed. */
  readonly stop: (cleanup: Cleanup) => Promise<Leftover | undefined>;
  /** Plain facts for environment.json: engine and compose versions, image ids, binary versions. */
  readonly describe: () => Promise<Record<string, unknown>>;
}

export interface DeployOptions {
  /** Id of the sweep; the value of the label `baleen.run` on all that is made. */
  readonly run: string;
  /** What disposing of the network does. */
  readonly cleanup: Cleanup;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** Puts plans on machines. */
export interface Deployer {
  readonly runtime: "docker" | "process";
  /** Everything that would keep `deploy` from working (ports taken, file missing, engine gone), at once; changes nothing. */
  readonly check: (plan: DeploymentPlan, signal: AbortSignal) => Promise<readonly Diagnostic[]>;
  /** Replaces our own leftovers, starts every node, and removes what it made if it fails or is aborted. */
  readonly deploy: (plan: DeploymentPlan, options: DeployOptions) => Promise<Network>;
  /** Lets go of what it holds from one network to the next: connections, locks. Absent where there is nothing. */
  readonly close?: () => Promise<void>;
}
