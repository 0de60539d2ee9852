import { homedir } from "node:os";
import { phaseLengths } from "../benchmark/phases.ts";
import { planRuns } from "../benchmark/plan-runs.ts";
import { formatAssertion } from "../config/assertion.ts";
import { type CheckedParameters, checkBoth, checkParameters } from "../config/check.ts";
import type { SweepParameters } from "../config/parameters.ts";
import type { Fault } from "../core/errors.ts";
import { quoteArgv } from "../core/quote.ts";
import { formatAsked } from "../report/figures.ts";
import { formatSearchTerms } from "../report/search.ts";
import { fileOptions, readConfigFile } from "./config-file.ts";
import { optionsOf } from "./options.ts";
import { readText } from "./read-text.ts";
import { gatherOptions } from "./sources.ts";
import { chooseSystem, type SystemRooms } from "./system.ts";
import type { Finding, LookedAt } from "./validate-command.ts";

/** Checks a file of options as `benchmark` would, and besides it what other commands would take of it. */
export function checkOptionsFile({ path, env }: LookedAt, rooms: SystemRooms): Finding {
  // What the file says counts here, whatever this shell would put in its place.
  const other = Object.entries(env).filter(([name]) => !name.startsWith("BALEEN_"));
  const sources = { env: Object.fromEntries(other), readFile: readText, home: homedir() };
  const gathered = gatherOptions("benchmark", { ...sources, argv: ["--config", path] });
  const { hosts, concealed } = gathered;
  const { given, limits, faults } = chooseSystem(gathered.given, rooms);
  const sides: Record<string, CheckedParameters> =
    given.networkType?.value === "both"
      ? checkBoth(given, limits, hosts)
      : { one: checkParameters(given, limits, hosts) };
  const checked = Object.values(sides);
  const all = [
    ...gathered.faults,
    ...faults,
    ...checked.flatMap((side) => side.faults),
    ...checkOthers(path, sources),
  ];
  const parameters = checked.map((side) => side.parameters);
  return {
    // What concerns both networks is told once.
    faults: [...new Map(all.map((fault) => [fault.message, fault])).values()],
    concealed,
    lines: [
      ...describeSweep(parameters),
      "",
      `Run it with: npx baleen benchmark --config ${quoteArgv([path])}`,
    ],
    facts: { sweeps: parameters.map(sweepFacts) },
  };
}

/** Options of other commands. */
function checkOthers(path: string, sources: Parameters<typeof readConfigFile>[2]): readonly Fault[] {
  const own = new Set(optionsOf("benchmark").map(({ name }) => name));
  const { given } = readConfigFile(path, (option) => !own.has(option), sources);
  return [...given].flatMap(([name, one]) => {
    const reading = fileOptions.find((option) => option.name === name)?.rule.read(one);
    return reading !== undefined && "faults" in reading ? reading.faults : [];
  });
}

/** Seconds that runs take at least: warm-ups and windows. undefined in a search, where they show on the way. */
function shortestSecs(parameters: SweepParameters): number | undefined {
  if (parameters.search !== undefined) return undefined;
  return planRuns(parameters).reduce((sum, { loadTps }) => {
    const { warmUpSecs, windowSecs } = phaseLengths(parameters, loadTps);
    return sum + warmUpSecs + windowSecs;
  }, 0);
}

const runsOf = (parameters: SweepParameters) =>
  parameters.search === undefined ? planRuns(parameters).length : undefined;

function sweepFacts(parameters: SweepParameters) {
  const { protocol, networkType, runtime, committee, loadsTps, search } = parameters;
  const secs = shortestSecs(parameters);
  return {
    protocol: protocol.name,
    network_type: networkType,
    runtime,
    nodes: committee,
    ...(search === undefined
      ? { loads: loadsTps, runs: runsOf(parameters) }
      : { search: formatSearchTerms(search) }),
    ...(secs === undefined ? {} : { expected_secs: Math.round(secs) }),
  };
}

/** What would be done, a line each. */
function describeSweep(sides: readonly SweepParameters[]): string[] {
  const [first] = sides;
  if (first === undefined) return [];
  const { search, loadsTps, profile, assertions, outputDir, fileOutput, drainSecs } = first;
  const unit = profile.kind === "closed" ? "in flight" : "tx/s";
  const runs = sides.map(runsOf);
  const secs = sides.map(shortestSecs);
  const total = secs.reduce<number | undefined>(
    (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
    0,
  );
  const lines: (readonly [string, string])[] = [
    ["Protocol", first.protocol.name],
    ...sides.map((side): readonly [string, string] => ["Network", describeNetwork(side)]),
    search === undefined
      ? ["Loads", `${loadsTps.map(formatAsked).join(", ")} ${unit}`]
      : ["Search", formatSearchTerms(search)],
    ["Runs", runs.every((one) => one !== undefined) ? runs.join(" + ") : "as many as the search takes"],
    [
      "Duration",
      total === undefined
        ? `${formatAsked(first.durationSecs)} s a run`
        : `about ${formatDuration(total)}, besides the start of networks and at most ${formatAsked(drainSecs)} s a run for what is outstanding`,
    ],
    ...(assertions.length === 0 ? [] : [["Thresholds", assertions.map(formatAssertion).join(", ")] as const]),
    ["Results", fileOutput ? outputDir : "no files"],
  ];
  return lines.map(([name, value]) => `  ${name}: ${value}`);
}

function describeNetwork({ networkType, runtime, committee, remote }: SweepParameters): string {
  const nodes = `${committee} ${committee === 1 ? "node" : "nodes"}`;
  if (remote !== undefined)
    return `${networkType}, ${nodes} on ${remote.hosts.length} ${remote.hosts.length === 1 ? "host" : "hosts"}`;
  const how = runtime === "auto" ? "docker where an engine answers, else processes" : runtime;
  return `${networkType}, ${nodes}, ${how}`;
}

/** 3 min 30 s */
function formatDuration(totalSecs: number): string {
  const secs = Math.round(totalSecs);
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(secs / 3600), "h"],
    [Math.floor((secs % 3600) / 60), "min"],
    [secs % 60, "s"],
  ];
  const told = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return told.length === 0 ? "0 s" : told.join(" ");
}
