import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import type {
  DeploymentPlan,
  ForeignProgram,
  NodeConfiguration,
  NodeExport,
  NodeGroup,
} from "../../contracts/deployment.ts";
import type { Plane } from "../../contracts/nodes/node.ts";
import type { ChosenProgram } from "../../contracts/nodes/program.ts";
import type { DeploymentRequest, ProtocolOption } from "../../contracts/protocol.ts";
import { checkedOptions, committeeDiagnostics } from "../../contracts/protocol-options.ts";
import type { CustomDescription, GroupDescription, ProgramDescription } from "./description/description.ts";
import type { GroupPlaces } from "./description/parse.ts";
import type { ExportEntry } from "./schema/nodes.ts";
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

const largestCommittee = 10_000;
/** 128 bits: nobody guesses them. */
const secretBytes = 16;

/** The description's options under the names that protocols give them: "heartbeat-ms" is heartbeatMs. */
export function buildOptions({ options }: CustomDescription): readonly ProtocolOption[] {
  return options.map((option) => ({ ...option, name: inCamelCase(option.name) }));
}

/** Makes plans of the described system. A committee comes first, so that its nodes are node0, node1, … */
export function buildPlan(
  description: CustomDescription,
  known: KnownPlaces & { readonly toleratedFaults: (nodes: number) => number },
): (request: DeploymentRequest) => DeploymentPlan {
  const { name, groups } = description;
  const inOrder = [
    ...groups.filter(({ count }) => count === undefined),
    ...groups.filter(({ count }) => count !== undefined),
  ];
  const committee = inOrder[0]?.program;
  return (request) => {
    const { nodes, program, load } = request;
    const values: PlanValues = {
      committeeSize: nodes,
      committeeFaults: known.toleratedFaults(nodes),
      options: readOptions(description, request),
      load,
      secrets: Object.fromEntries(
        description.secrets.map((secret) => [secret, randomBytes(secretBytes).toString("hex")]),
      ),
    };
    return {
      protocol: name,
      groups: inOrder.map((group) => {
        // What a user names stands for the committee's program, wherever that is named.
        const chosen = isSameProgram(group.program, committee) ? program : undefined;
        const portsPlace = known.places?.[group.role]?.ports;
        return planGroup(group, { values, portsPlace, program: programOf(group, { chosen, known }) });
      }),
    };
  };
}

function readOptions(
  description: CustomDescription,
  { nodes, options }: DeploymentRequest,
): Record<string, number | string> {
  const ofCommittee = committeeDiagnostics(nodes, largestCommittee);
  const values = checkedOptions(description.name, buildOptions(description), options, ofCommittee);
  return Object.fromEntries(
    description.options.map(({ name, default: usual }) => [name, values[inCamelCase(name)] ?? usual]),
  );
}

function isSameProgram(one: ProgramDescription, other: ProgramDescription | undefined): boolean {
  return one.binary === other?.binary && one.image === other?.image;
}

/** Where a user names a program or an image, the description's counts for neither. */
function programOf(
  { role, program }: GroupDescription,
  { chosen, known }: { readonly chosen: ChosenProgram | undefined; readonly known: KnownPlaces },
): ForeignProgram {
  const { binary, image, entrypoint, remedy } = program;
  const isPath = binary?.includes("/") === true;
  const found = binary === undefined || isPath ? binary : known.findProgram?.(binary);
  const chosenImage = chosen?.image ?? (chosen?.path === undefined ? image : undefined);
  const place = known.places?.[role]?.program;
  return {
    kind: "foreign-program",
    name: binary === undefined ? role : basename(binary),
    path: chosen?.path ?? (chosen?.image === undefined ? found : undefined),
    image: chosenImage,
    // An image that is made of the file starts just that.
    entrypoint: chosenImage === undefined ? undefined : entrypoint,
    remedy: place === undefined ? remedy : `${remedy} It is named in ${place}.`,
  };
}

function planGroup(
  group: GroupDescription,
  settings: {
    readonly values: PlanValues;
    readonly program: ForeignProgram;
    readonly portsPlace: string | undefined;
  },
): NodeGroup {
  const { values, program, portsPlace } = settings;
  const ports = Object.entries(group.ports) as [Plane, number | "any"][];
  return {
    role: group.role,
    count: group.count ?? values.committeeSize,
    isHelper: group.count !== undefined,
    program,
    planes: ports.map(([plane]) => plane),
    ports: Object.fromEntries(ports.filter(([, port]) => port !== "any")),
    portsPlace,
    startAfter: group.startAfter,
    exports: Object.fromEntries(
      Object.entries(group.exports).map(([name, entry]) => [name, exportOf(entry)]),
    ),
    configure: (node, view) => configure({ values, group, node, view }),
  };
}

function exportOf(entry: ExportEntry): NodeExport {
  if (entry.from === "log") return { from: "log", pattern: new RegExp(entry.pattern) };
  const { port: plane, path, pointer } = entry;
  return { from: "http", plane, path, pointer };
}

function configure(reader: Reader): NodeConfiguration {
  const { commandTemplates, environmentTemplates, files } = reader.group;
  return {
    args: commandTemplates.map((template) => renderFor(reader, template)),
    env: Object.fromEntries(
      Object.entries(environmentTemplates).map(([name, template]) => [name, renderFor(reader, template)]),
    ),
    files: files.map(({ path, contentTemplate, mode }) => ({
      path,
      content: renderFor(reader, contentTemplate),
      mode,
    })),
  };
}

function inCamelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
