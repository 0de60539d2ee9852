/** Programs and files that hosts need of the machine that starts them. */
import { statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { NodeProgram } from "../../contracts/deployment.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { findOnPath, whyNoProgram } from "../../core/process/find-program.ts";
import { commandsOf, flowsOf, isOwnFile, type Scenario, withPath } from "./scenario.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** Where systems have programs, also those that only root uses. */
export const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The path of a program; undefined: there is none. */
export type FindProgram = (name: string) => string | undefined;

export function findProgram(name: string): string | undefined {
  if (!name.startsWith("/")) return findOnPath(name, searchPath);
  return whyNoProgram(name) === undefined ? name : undefined;
}

/** Programs that hosts start, and the packages of Debian that have them. */
const packages: Readonly<Record<string, string>> = {
  ip: "iproute2",
  tc: "iproute2",
  babeld: "babeld",
  bird: "bird2",
  iperf3: "iperf3",
  socat: "socat",
  tcpdump: "tcpdump",
};

/** Every host has the Node.js that it runs with. */
const hostsOwn = "node";

/** Paths of all programs that hosts start, by name; or that one is missing. */
export function programsOf(
  scenario: Scenario,
  find: FindProgram,
): {
  readonly paths: ReadonlyMap<string, string>;
  readonly diagnostics: readonly Diagnostic[];
} {
  const { folder, capture = [] } = scenario.file;
  const names = new Set([
    "ip",
    ...commandsOf(scenario).map(([program = ""]) => withPath(program, 0, folder)),
    ...(flowsOf(scenario).some(({ kind }) => kind === "iperf3") ? ["iperf3"] : []),
    ...(capture.length > 0 ? ["tcpdump"] : []),
  ]);
  names.delete(hostsOwn);
  const found = [...names].map((name) => [name, find(name)] as const);
  const missing = found.flatMap(([name, path]): string[] => {
    if (path !== undefined) return [];
    const own = packages[name];
    const remedy = own === undefined ? "Install it, or give its path" : `Install it: apt-get install ${own}`;
    return [`${name} is missing, which hosts start. ${remedy}.`];
  });
  const noFiles = ownFiles(scenario)
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
    .map((path) => `${path} is missing, which a command of the description names. Fix the path.`);
  return {
    paths: new Map(found.flatMap(([name, path]) => (path === undefined ? [] : [[name, path] as const]))),
    diagnostics: [...missing, ...noFiles].map((message) => ({ code: "program-missing", message })),
  };
}

/** Files beside the description that arguments name. */
function ownFiles(scenario: Scenario): readonly string[] {
  const named = commandsOf(scenario).flatMap(([, ...args]) =>
    args.filter((word) => isOwnFile(word, 1)).map((word) => withPath(word, 1, scenario.file.folder)),
  );
  return [...new Set(named)];
}

export function hostProgram(scenario: Scenario, paths: ReadonlyMap<string, string>): NodeProgram {
  return {
    kind: "node-program",
    name: "host",
    root,
    entry: "dist/peer/host/main.js",
    include: ["dist/core", "dist/peer", "dist/contracts/load/flow-events.js", "package.json"],
    system: [...new Set([...paths.values(), ...ownFiles(scenario)])],
  };
}
