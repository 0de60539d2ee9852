import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import type {
  DeploymentPlan,
  FixedPort,
  ForeignProgram,
  NodeConfiguration,
  NodeExport,
  NodeGroup,
} from "../../contracts/deployment.ts";
import type { Plane } from "../../contracts/nodes/node.ts";
import type { DeploymentRequest } from "../../contracts/protocol.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { mapValues } from "../../core/keys.ts";
import { hideFromTraces } from "../../core/trace.ts";
import { programOf } from "../plan-parts.ts";
import { startsAfter } from "./description/loose.ts";
import type { GroupPlaces } from "./description/parse.ts";
import { readOptions } from "./options.ts";
import type { CustomFile, ExportEntry, GroupEntry } from "./schema/schema.ts";
import { type PlanValues, type Reader, renderFor } from "./values.ts";

/** Absolute path of the program of a name; undefined where there is none. */
export type FindProgram = (name: string) => string | undefined;

/** Where programs are, and the parts of the file itself. */
export interface KnownPlaces {
  /** Default: no name is looked for. */
  readonly findProgram?: FindProgram | undefined;
  /** By role; a definition does not know. */
  readonly places?: Readonly<Record<string, GroupPlaces>> | undefined;
}

/** 128 bits: nobody guesses them. */
const secretBytes = 16;
const defaultMode = 0o644;

function makeSecret(): string {
  const secret = randomBytes(secretBytes).toString("hex");
  // It may stand in a node's command.
  hideFromTraces(secret);
  return secret;
}

/** Makes plans of the described system. A committee comes first, so that its nodes are node0, node1, … */
export function buildPlan(
  file: CustomFile,
  known: KnownPlaces & { readonly toleratedFaults: (nodes: number) => number },
): (request: DeploymentRequest) => DeploymentPlan {
  const inOrder = [
    ...file.nodes.filter(({ count }) => count === undefined),
    ...file.nodes.filter(({ count }) => count !== undefined),
  ];
  const committee = inOrder[0]?.program;
  return (request) => {
    const values: PlanValues = {
      committeeSize: request.nodes,
      committeeFaults: known.toleratedFaults(request.nodes),
      options: readOptions(file, request),
      load: request.load,
      byIndex: Object.fromEntries(
        inOrder.map((group) => [group.role, valuesOf(group, request.nodes, known.places)]),
      ),
      secrets: Object.fromEntries((file.secrets ?? []).map((secret) => [secret, makeSecret()])),
    };
    const edges = edgesOf(inOrder, request.nodes);
    return {
      protocol: file.name,
      ...(edges.length === 0 ? {} : { edges }),
      groups: inOrder.map((group) => {
        const { binary, image } = group.program;
        // What a user names stands for the committee's program, wherever that is named.
        const isCommittees = binary === committee?.binary && image === committee?.image;
        const program = programOf(describedProgram(group, known), isCommittees ? request.program : undefined);
        const portsPlace = known.places?.[group.role]?.ports;
        return planGroup(group, { values, program, portsPlace, startAfter: startsAfter(group, file.nodes) });
      }),
    };
  };
}

/** Pairs of nodes that groups connect, each once; nodes are named in the order of the groups. */
function edgesOf(groups: readonly GroupEntry[], committeeSize: number): [string, string][] {
  const named = groups
    .flatMap((group) => Array.from({ length: group.count ?? committeeSize }, () => group))
    .map((group, number) => ({ group, name: `node${number}` }));
  return named.flatMap(({ group, name }, place) =>
    named
      .slice(0, place)
      .filter(
        (other) =>
          group["connects-to"]?.includes(other.group.role) ||
          other.group["connects-to"]?.includes(group.role),
      )
      .map((other): [string, string] => [name, other.name]),
  );
}

/** @throws ConfigurationError where a list is too short for the committee */
function valuesOf(
  { role, count, values = {} }: GroupEntry,
  nodes: number,
  places: KnownPlaces["places"],
): PlanValues["byIndex"][string] {
  const short = Object.entries(values).filter(
    ([, value]) => Array.isArray(value) && value.length < (count ?? nodes),
  );
  if (short.length === 0) return values;
  const place = places?.[role]?.values;
  throw new ConfigurationError(
    short.map(([name, value]) => ({
      code: "protocol-file",
      message: `${place === undefined ? "" : `${place}: `}${name} has ${value.length} items for ${count ?? nodes} nodes. Add an item for each, or use a smaller committee.`,
    })),
  );
}

function describedProgram({ role, program }: GroupEntry, { findProgram, places }: KnownPlaces) {
  const { binary, image, entrypoint, remedy = remedyFor(binary) } = program;
  const place = places?.[role]?.program;
  return {
    name: binary === undefined ? role : basename(binary),
    path: binary === undefined || binary.includes("/") ? binary : findProgram?.(binary),
    image,
    entrypoint,
    remedy: place === undefined ? remedy : `${remedy} It is named in ${place}.`,
  };
}

function remedyFor(binary: string | undefined): string {
  return binary === undefined
    ? "Plain processes need a binary: set --node-binary, or run containers."
    : `Install ${binary}, or set its path with --node-binary.`;
}

function planGroup(
  group: GroupEntry,
  settings: Pick<NodeGroup, "startAfter" | "portsPlace"> & {
    readonly values: PlanValues;
    readonly program: ForeignProgram;
  },
): NodeGroup {
  const { values, ...planned } = settings;
  const ports = Object.entries(group.ports) as [Plane, FixedPort | "any"][];
  return {
    role: group.role,
    count: group.count ?? values.committeeSize,
    isHelper: group.count !== undefined,
    planes: ports.map(([plane]) => plane),
    ports: Object.fromEntries(ports.filter(([, port]) => port !== "any")),
    ...planned,
    exports: mapValues(group.exports ?? {}, exportOf),
    configure: (node, view) => configure({ values, group, node, view }),
  };
}

function exportOf(entry: ExportEntry): NodeExport {
  if (entry.from === "log") return { from: "log", pattern: new RegExp(entry.pattern) };
  const { port: plane, path, pointer } = entry;
  return { from: "http", plane, path, pointer };
}

function configure(reader: Reader): NodeConfiguration {
  const { command = [], environment = {}, files = [] } = reader.group;
  return {
    args: command.map((template) => renderFor(reader, String(template))),
    env: mapValues(environment, (template) => renderFor(reader, String(template))),
    files: files.map(({ path, content = "", mode }) => ({
      path,
      content: renderFor(reader, content),
      mode: mode === undefined ? defaultMode : Number.parseInt(mode, 8),
    })),
  };
}
