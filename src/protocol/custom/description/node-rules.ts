import type { SchemaDiagnostic } from "../../../core/documents/schema-issues.ts";
import { suggestion } from "../../../core/nearest.ts";
import { listIn, tableIn, textIn, textsIn } from "./loose.ts";
import { nodeTexts, startsAfter } from "./outline.ts";
import { templateDiagnostics } from "./template.ts";
import {
  type GroupOutline,
  itemVariables,
  nodeVariables,
  type Outline,
  reservedExports,
  reservedRoles,
} from "./variables.ts";

/** What no schema says of the groups of nodes. */
export function nodeDiagnostics(file: unknown, outline: Outline): SchemaDiagnostic[] {
  const groups = listIn(file, "nodes");
  return [
    ...groups.flatMap((group, place) => {
      const names = outline.groups[place];
      if (names === undefined) return [];
      return [
        ...roleDiagnostics(names.role, place, outline),
        ...programDiagnostics(group),
        ...portDiagnostics(group),
        ...exportDiagnostics(group, names),
        ...fileDiagnostics(group),
        ...startDiagnostics(group, outline),
        ...textDiagnostics(group, names, outline),
      ].map(({ path, message }) => ({ path: ["nodes", place, ...path], message }));
    }),
    ...committeeDiagnostics(groups),
    ...cycleDiagnostics(groups, outline),
  ];
}

function roleDiagnostics(role: string, place: number, { groups }: Outline): SchemaDiagnostic[] {
  const path = ["role"];
  if (reservedRoles.includes(role)) {
    return [{ path, message: `role: ${role} is the beginning of other variables; choose another name` }];
  }
  if (role !== "" && groups.findIndex((group) => group.role === role) < place) {
    return [{ path, message: `role: another group is called ${role} already` }];
  }
  return [];
}

function programDiagnostics(group: unknown): SchemaDiagnostic[] {
  const program = tableIn(group, "program");
  if (!("program" in tableIn(group))) return [];
  if (!("binary" in program || "image" in program)) {
    return [{ path: ["program"], message: "program: name its binary, its image, or both" }];
  }
  if (!("entrypoint" in program) || "image" in program) return [];
  const message = "entrypoint: is for an image; name one, or leave it out";
  return [{ path: ["program", "entrypoint"], message }];
}

function portDiagnostics(group: unknown): SchemaDiagnostic[] {
  const fixed = Object.entries(tableIn(group, "ports")).filter(([, port]) => typeof port === "number");
  return fixed.flatMap(([plane, port], place) => {
    const before = fixed.slice(0, place).find((other) => other[1] === port);
    if (before === undefined) return [];
    const message = `${plane}: port ${String(port)} is that of ${before[0]} already; give each a port of its own`;
    return [{ path: ["ports", plane], message }];
  });
}

function exportDiagnostics(group: unknown, { planes }: GroupOutline): SchemaDiagnostic[] {
  return Object.entries(tableIn(group, "exports")).flatMap(([name, entry]) => {
    const path = ["exports", name];
    const pattern = textIn(entry, "pattern");
    const port = textIn(entry, "port");
    return [
      ...(reservedExports.includes(name)
        ? [{ path, message: `${name}: each node has a variable of this name already; choose another one` }]
        : []),
      ...(pattern === undefined ? [] : patternDiagnostics(pattern, [...path, "pattern"])),
      ...(port === undefined || planes.some((plane) => plane === port)
        ? []
        : [{ path: [...path, "port"], message: `port: the group has no port ${port}; add it to its ports` }]),
    ];
  });
}

function patternDiagnostics(pattern: string, path: readonly string[]): SchemaDiagnostic[] {
  try {
    // By itself first: a sign at its end must not take the alternative's.
    new RegExp(pattern);
    // The empty alternative matches any text, and says how many groups there are.
    const groups = (new RegExp(`${pattern}|`).exec("")?.length ?? 1) - 1;
    if (groups > 0) return [];
    return [{ path, message: "pattern: has no group; put what is to be handed on in parentheses" }];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [{ path, message: `pattern: ${error.message}` }];
  }
}

function fileDiagnostics(group: unknown): SchemaDiagnostic[] {
  const files = listIn(group, "files");
  const paths = files.map((file) => textIn(file, "path"));
  return files.flatMap((file, place) => {
    const path = paths[place];
    const diagnostics: SchemaDiagnostic[] = [];
    if (path !== undefined && !staysInside(path)) {
      const message = `path: ${path} leads out of the node's home; give one from there, as config/node.yml`;
      diagnostics.push({ path: ["files", place, "path"], message });
    }
    if (path !== undefined && paths.indexOf(path) < place) {
      diagnostics.push({ path: ["files", place, "path"], message: `path: ${path} is laid twice` });
    }
    const sources = ["content", "template", "copy"].filter((key) => key in tableIn(file));
    if (sources.length !== 1) {
      const message = `give one of content, template and copy${sources.length === 0 ? "" : `, not ${sources.join(" and ")}`}`;
      diagnostics.push({ path: ["files", place], message });
    }
    return diagnostics;
  });
}

function staysInside(path: string): boolean {
  return !path.startsWith("/") && !path.split("/").some((part) => part === "" || part === "..");
}

function startDiagnostics(group: unknown, { groups }: Outline): SchemaDiagnostic[] {
  const roles = groups.map(({ role }) => role);
  const named = (name: string, path: readonly (string | number)[]): SchemaDiagnostic[] =>
    roles.includes(name)
      ? []
      : [{ path, message: `no group has the role ${name}.${suggestion(name, roles)}`.replace(/\.$/, "") }];
  return [
    ...textsIn(group, "start-after").flatMap((role, place) => named(role, ["start-after", place])),
    ...Object.entries(tableIn(group, "lists")).flatMap(([name, list]) => {
      const of = textIn(list, "of");
      return [...(of === undefined ? [] : [of]), ...textsIn(list, "of")].flatMap((role) =>
        named(role, ["lists", name, "of"]),
      );
    }),
  ];
}

function textDiagnostics(group: unknown, names: GroupOutline, outline: Outline): SchemaDiagnostic[] {
  return nodeTexts(group).flatMap(({ path, text, of }) => {
    const allowed = of === undefined ? nodeVariables(outline, names) : itemVariables(outline, names, of);
    return templateDiagnostics(text, allowed).map((message) => ({ path, message }));
  });
}

function committeeDiagnostics(groups: readonly unknown[]): SchemaDiagnostic[] {
  const committees = [...groups.entries()].filter(([, group]) => !("count" in tableIn(group)));
  const [first, ...others] = committees;
  if (first === undefined) {
    if (groups.length === 0) return [];
    const message = "nodes: every group has a count; leave it out of the one that is the committee";
    return [{ path: ["nodes"], message }];
  }
  const [place, committee] = first;
  const ports = tableIn(committee, "ports");
  const noRpc = "ports" in tableIn(committee) && !("rpc" in ports);
  return [
    ...(noRpc
      ? [
          {
            path: ["nodes", place, "ports"],
            message: "ports: the committee needs rpc, where transactions go",
          },
        ]
      : []),
    ...others.map(([other]) => ({
      path: ["nodes", other],
      message: "a second group has no count; the committee is one group, so give this one a count",
    })),
  ];
}

/** A group that would have to run before itself. */
function cycleDiagnostics(groups: readonly unknown[], outline: Outline): SchemaDiagnostic[] {
  const after = new Map(
    groups.map((group) => [textIn(group, "role") ?? "", startsAfter(group, outline)] as const),
  );
  const wayTo = (goal: string, from: string, seen: readonly string[]): readonly string[] | undefined => {
    for (const next of after.get(from) ?? []) {
      if (next === goal) return [...seen, next];
      const way = seen.includes(next) ? undefined : wayTo(goal, next, [...seen, next]);
      if (way !== undefined) return way;
    }
    return undefined;
  };
  return [...after.keys()].flatMap((role, place) => {
    const way = wayTo(role, role, [role]);
    // Of each circle, the first of its roles tells.
    if (way === undefined || way.some((other) => [...after.keys()].indexOf(other) < place)) return [];
    const message = `${way.join(" starts after ")}: a circle, so none could be the first`;
    return [{ path: ["nodes", place, "start-after"], message }];
  });
}
