import { highestPort } from "../../../core/address.ts";
import { keysIn, listIn, type Refuse, tableIn, textIn, textsIn } from "../../../core/documents/loose.ts";
import { suggestion } from "../../../core/text/nearest.ts";
import { mostHelpers } from "../schema/nodes.ts";
import { isCommittee, namedRoles, nodeTexts, roleOf, startsAfter } from "./loose.ts";
import { indexPlace, templateDiagnostics } from "./template.ts";
import { itemVariables, nodeVariables, planesOf, reservedFacts, reservedRoles } from "./variables.ts";

/** What no schema says of the groups of nodes. */
export function checkNodes(file: unknown, refuse: Refuse): void {
  const groups = listIn(file, "nodes");
  const roles = groups.map(roleOf);
  for (const [place, group] of groups.entries()) {
    const refuseInGroup: Refuse = (path, message) => refuse(["nodes", place, ...path], message);
    checkRole(roles, place, refuseInGroup);
    checkProgram(group, refuseInGroup);
    checkPorts(group, refuseInGroup);
    checkValues(group, refuseInGroup);
    checkExports(group, refuseInGroup);
    checkFiles(group, refuseInGroup);
    checkStart(group, roles, refuseInGroup);
    checkTexts(file, group, refuseInGroup);
  }
  checkCommittee(groups, refuse);
  checkCycles(groups, refuse);
}

function checkRole(roles: readonly string[], place: number, refuse: Refuse): void {
  const role = roles[place] ?? "";
  if (reservedRoles.includes(role)) {
    refuse(["role"], `role: ${role} is a prefix of other variables; choose another name`);
  } else if (role !== "" && roles.indexOf(role) < place) {
    refuse(["role"], `role: another group is already called ${role}`);
  }
}

function checkProgram(group: unknown, refuse: Refuse): void {
  const program = tableIn(group, "program");
  if (!("program" in tableIn(group))) return;
  if (!("binary" in program || "image" in program)) {
    refuse(["program"], "program: name its binary, its image, or both");
  } else if ("entrypoint" in program && !("image" in program)) {
    refuse(["program", "entrypoint"], "entrypoint: is for an image; name one, or remove it");
  }
}

/** Of how many nodes the committee is, only its plan knows. */
function checkPorts(group: unknown, refuse: Refuse): void {
  const count = countOf(group) ?? 1;
  const planes = new Map<number, string>();
  for (const [plane, port] of Object.entries(tableIn(group, "ports"))) {
    const base = tableIn(port).base;
    const [first, nodes] = typeof base === "number" ? [base, count] : [port, 1];
    if (typeof first !== "number") continue;
    const own = Array.from({ length: nodes }, (_, index) => first + index);
    const shared = own.find((each) => planes.has(each));
    if (shared !== undefined) {
      const message = `${plane}: port ${shared} is already that of ${planes.get(shared)}; give each its own port`;
      refuse(["ports", plane], message);
    }
    if (first + nodes - 1 > highestPort && first <= highestPort) {
      const message = `${plane}: the last of ${nodes} nodes would get port ${first + nodes - 1}, above ${highestPort}; lower the base`;
      refuse(["ports", plane], message);
    }
    for (const each of own) planes.set(each, plane);
  }
}

/** Undefined of the committee, and of what is no count. */
function countOf(group: unknown): number | undefined {
  const { count } = tableIn(group);
  return typeof count === "number" && count <= mostHelpers ? count : undefined;
}

function checkValues(group: unknown, refuse: Refuse): void {
  const count = countOf(group) ?? 0;
  for (const [name, value] of Object.entries(tableIn(group, "values"))) {
    if (reservedFacts.includes(name) || keysIn(group, "exports").includes(name)) {
      refuse(["values", name], `${name}: each node already has a variable of this name; choose another one`);
    }
    if (Array.isArray(value) && value.length < count) {
      refuse(["values", name], `${name}: has ${value.length} items for ${count} nodes; add an item for each`);
    }
    if (typeof value === "string" && !value.includes(indexPlace)) {
      const message = `${name}: is the same for all nodes; write ${indexPlace} where the node's index belongs, or a list`;
      refuse(["values", name], message);
    }
  }
}

function checkExports(group: unknown, refuse: Refuse): void {
  for (const [name, entry] of Object.entries(tableIn(group, "exports"))) {
    const path = ["exports", name];
    const pattern = textIn(entry, "pattern");
    const port = textIn(entry, "port");
    if (reservedFacts.includes(name)) {
      refuse(path, `${name}: each node already has a variable of this name; choose another one`);
    }
    const complaint = pattern === undefined ? undefined : patternComplaint(pattern);
    if (complaint !== undefined) refuse([...path, "pattern"], `pattern: ${complaint}`);
    if (port !== undefined && !planesOf(group).includes(port)) {
      refuse([...path, "port"], `port: the group has no port ${port}; add it to its ports`);
    }
  }
}

function patternComplaint(pattern: string): string | undefined {
  try {
    // By itself first: a sign at its end must not take the alternative's.
    new RegExp(pattern);
    // The empty alternative matches any text, and says how many groups there are.
    const groups = (new RegExp(`${pattern}|`).exec("")?.length ?? 1) - 1;
    return groups > 0 ? undefined : "has no group; put the value to export in parentheses";
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return error.message;
  }
}

function checkFiles(group: unknown, refuse: Refuse): void {
  const files = listIn(group, "files");
  const paths = files.map((file) => textIn(file, "path"));
  for (const [place, file] of files.entries()) {
    const path = paths[place];
    if (path !== undefined && !staysInside(path)) {
      const message = `path: ${path} leads out of the node's home; use a path inside it, such as config/node.yml`;
      refuse(["files", place, "path"], message);
    }
    if (path !== undefined && paths.indexOf(path) < place) {
      refuse(["files", place, "path"], `path: ${path} is used twice`);
    }
    const sources = ["content", "template", "copy"].filter((key) => key in tableIn(file));
    if (sources.length !== 1) {
      const given = sources.length === 0 ? "" : `, not ${sources.join(" and ")}`;
      refuse(["files", place], `give one of content, template and copy${given}`);
    }
  }
}

function staysInside(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").some((part) => part === "" || part === "..");
}

function checkStart(group: unknown, roles: readonly string[], refuse: Refuse): void {
  const checkNamed = (name: string, path: Parameters<Refuse>[0]) => {
    if (roles.includes(name)) return;
    refuse(path, `no group has the role ${name}.${suggestion(name, roles)}`.replace(/\.$/, ""));
  };
  for (const key of ["start-after", "connects-to"]) {
    for (const [place, role] of textsIn(group, key).entries()) checkNamed(role, [key, place]);
  }
  for (const [name, list] of Object.entries(tableIn(group, "lists"))) {
    for (const role of namedRoles(list)) checkNamed(role, ["lists", name, "of"]);
  }
}

function checkTexts(file: unknown, group: unknown, refuse: Refuse): void {
  for (const { path, text, of } of nodeTexts(group)) {
    const allowed = of === undefined ? nodeVariables(file, group) : itemVariables(file, group, of);
    for (const message of templateDiagnostics(text, allowed)) refuse(path, message);
  }
}

function checkCommittee(groups: readonly unknown[], refuse: Refuse): void {
  const committees = [...groups.entries()].filter(([, group]) => isCommittee(group));
  const [first, ...others] = committees;
  if (first === undefined) {
    if (groups.length === 0) return;
    refuse(["nodes"], "nodes: every group has a count; remove it from the one that is the committee");
    return;
  }
  const [place, committee] = first;
  if ("ports" in tableIn(committee) && !("rpc" in tableIn(committee, "ports"))) {
    refuse(["nodes", place, "ports"], "ports: the committee needs rpc, where transactions go");
  }
  for (const [other] of others) {
    const message = "a second group has no count; the committee is one group, so give this one a count";
    refuse(["nodes", other], message);
  }
}

/** A group that would have to run before itself. */
function checkCycles(groups: readonly unknown[], refuse: Refuse): void {
  const after = new Map(groups.map((group) => [roleOf(group), startsAfter(group, groups)] as const));
  const wayTo = (goal: string, from: string, seen: readonly string[]): readonly string[] | undefined => {
    for (const next of after.get(from) ?? []) {
      if (next === goal) return [...seen, next];
      const way = seen.includes(next) ? undefined : wayTo(goal, next, [...seen, next]);
      if (way !== undefined) return way;
    }
    return undefined;
  };
  const roles = [...after.keys()];
  for (const [place, role] of roles.entries()) {
    const way = wayTo(role, role, [role]);
    // Of each circle, the first of its roles tells.
    if (way === undefined || way.some((other) => roles.indexOf(other) < place)) continue;
    const message = `${way.join(" starts after ")}: a cycle, so none can start first`;
    refuse(["nodes", place, "start-after"], message);
  }
}
