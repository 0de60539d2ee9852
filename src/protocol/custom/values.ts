import type { PlacementView, PlannedNode } from "../../contracts/deployment.ts";
import type { NodeLoad } from "../../contracts/load/node-load.ts";
import type { Endpoint, Plane } from "../../contracts/nodes/node.ts";
import { formatAuthority } from "../../core/address.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { rolesOf } from "./description/loose.ts";
import { compileTemplate, indexPlace } from "./description/template.ts";
import type { GroupEntry, ListEntry } from "./schema/schema.ts";

/** What variables stand for in one network. */
export interface PlanValues {
  readonly committeeSize: number;
  readonly committeeFaults: number;
  /** By the names that variables have. */
  readonly options: Readonly<Record<string, number | string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** By role: what its nodes have by their index. */
  readonly byIndex: Readonly<Record<string, Readonly<NonNullable<GroupEntry["values"]>>>>;
  /** Absent: a network without a run, whose nodes make no load. */
  readonly load?: NodeLoad | undefined;
}

/** Who is told: a node of a group, and what it sees. */
export interface Reader {
  readonly values: PlanValues;
  readonly group: GroupEntry;
  readonly node: PlannedNode;
  readonly view: PlacementView;
}

/** Renders a checked template for one node. */
export function renderFor(reader: Reader, template: string, item?: PlannedNode): string {
  return compileTemplate(template).render((name) => textFor(reader, { name, item }));
}

function textFor(reader: Reader, { name, item }: { name: string; item: PlannedNode | undefined }): string {
  const { values, group, view } = reader;
  const [first = "", ...rest] = name.split(".");
  const key = rest.join(".");
  switch (first) {
    case "node":
      return ownFact(reader, rest);
    case "item":
      return factOf(reader, required(item, name), rest);
    case "committee":
      return String(key === "size" ? values.committeeSize : values.committeeFaults);
    case "options":
      return String(required(values.options[key], name));
    case "secret":
      return required(values.secrets[key], name);
    case "load":
      return String(loadFact(values, key));
    case "lists":
      return renderList(reader, required(group.lists?.[key], name));
    default: {
      // A role stands for the first of its nodes.
      const node = view.nodes.find(({ role }) => role === first);
      return factOf(reader, required(node, name), rest);
    }
  }
}

/** All nodes make the same share of the load. */
function loadFact({ load, committeeSize }: PlanValues, fact: string): number | string {
  if (load === undefined) return 0;
  const facts: Readonly<Record<string, number | string>> = {
    rate: load.rateTps,
    "node-rate": load.rateTps / committeeSize,
    "transaction-size": load.transactionSizeBytes,
    "warm-up": load.warmUpSecs,
    duration: load.durationSecs,
    seed: load.seed ?? "",
  };
  return required(facts[fact], `load.${fact}`);
}

function renderList(reader: Reader, list: ListEntry): string {
  const { item, "except-self": exceptSelf = false, separator = "," } = list;
  const roles = rolesOf(list, reader.group);
  return reader.view.nodes
    .filter(({ role, name }) => roles.includes(role) && !(exceptSelf && name === reader.node.name))
    .map((node) => renderFor(reader, item, node))
    .join(separator);
}

/** A node's own facts: what others know too, its home, and where it listens. */
function ownFact(reader: Reader, rest: readonly string[]): string {
  const { node, view } = reader;
  const [fact, ...more] = rest;
  if (fact === "home") return view.home;
  if (fact === "listen") return addressPart(view.listen(more[0] as Plane), more[1]);
  return factOf(reader, node, rest);
}

function factOf({ view, values }: Reader, node: PlannedNode, [fact = "", part]: readonly string[]): string {
  switch (fact) {
    case "name":
    case "role":
      return node[fact];
    case "index":
      return String(node.index);
    case "number":
      return String(node.index + 1);
    case "rpc":
    case "peer":
    case "metrics":
      return addressPart(view.endpoint(node.name, fact), part);
    default: {
      const value = values.byIndex[node.role]?.[fact];
      return value === undefined ? view.exported(node.name, fact) : valueAt(value, node.index);
    }
  }
}

function valueAt(value: PlanValues["byIndex"][string][string], index: number): string {
  if (typeof value === "string") return value.replaceAll(indexPlace, String(index));
  return String(required(value[index], `item ${index}`));
}

function addressPart(endpoint: Endpoint, part: string | undefined): string {
  if (part === "host") return endpoint.host;
  return part === "port" ? String(endpoint.port) : formatAuthority(endpoint);
}

function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new InvalidArgumentError(`There is no variable \${${name}} here.`);
  return value;
}
