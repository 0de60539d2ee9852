import { homedir } from "node:os";
import type { ForeignProgram } from "../../../contracts/deployment.ts";
import type { Protocol } from "../../../contracts/protocol.ts";
import { readText } from "../../../core/documents/read-text.ts";
import { parseYaml } from "../../../core/documents/yaml.ts";
import { BaleenError, ConfigurationError, type Diagnostic, describeError } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { quoteArgv } from "../../../core/text/quote.ts";
import { parseLinks } from "../../../links/parse.ts";
import { parseTimeline } from "../../../links/timeline/parse.ts";
import { checkHostsFile } from "../../../options/checks/remote.ts";
import { concealIn } from "../../../options/file/variables.ts";
import { readPhases } from "../../../options/rules/phases-file.ts";
import { readTrace } from "../../../options/rules/profile.ts";
import { isDescriptionPath } from "../../../options/rules/protocol-choice.ts";
import { programsOf } from "../../../protocol/open.ts";
import { describeSweep, sweepFacts } from "../../../results/report/documents/described-sweep.ts";
import { eachOnce } from "../../../run/prepare/preflight.ts";
import { checkSweeps } from "../../../run/prepare/sweeps.ts";
import type { SystemBackend } from "../../../run/prepare/system.ts";
import { optionsOf } from "../../options/option-table.ts";
import { fileOptions, gatherOptions, readConfigFile } from "../../options/sources.ts";
import { type Command, type CommandContext, printFound } from "../../terminal/context.ts";

interface Finding {
  readonly diagnostics: readonly Diagnostic[];
  /** What it says, where it is right: for people, a line each … */
  readonly lines?: readonly string[];
  /** … and for programs. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly concealed?: ReadonlyMap<string, string>;
}

interface LookedAt {
  readonly path: string;
  readonly text: string;
  readonly env: CommandContext["env"];
}

/** `validate FILE`: all that is wrong with a file, or what it says. Exit code 2 where anything is wrong. */
export const runValidate: Command = async ({ words, diagnostics }, context, backend) => {
  const [path] = words;
  if (path === undefined || diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  let text: string;
  try {
    text = readText(path);
  } catch (error) {
    const message = `${path}: ${describeError(error)}. Use a readable file.`;
    throw new ConfigurationError([{ code: "unreadable-file", message }], { cause: error });
  }
  const kind = recognizeKind(path, text);
  const { title, check } = kinds[kind];
  const finding = check({ path, text, env: context.env }, backend);
  const { lines = [], facts = {}, concealed = new Map<string, string>() } = finding;
  const reported = finding.diagnostics.map((diagnostic) => ({
    ...diagnostic,
    message: concealIn(diagnostic.message, concealed),
  }));
  const valid = reported.length === 0;
  if (!valid && !context.settings.json) throw new ConfigurationError(reported);
  const document = {
    schema: "baleen.validation/1",
    file: path,
    kind,
    valid,
    faults: reported.map((diagnostic) => withLine(diagnostic, path)),
    ...(valid ? facts : {}),
  };
  printFound(context, () => document, [`${formatForeign(path)}: ${title}, valid.`, ...lines].join("\n"));
  return valid ? 0 : 2;
};

type CheckFile = (file: LookedAt, backend: SystemBackend) => Finding;

const kinds: Readonly<Record<FileKind, { readonly title: string; readonly check: CheckFile }>> = {
  options: { title: "a file of options", check: checkOptionsFile },
  hosts: { title: "a file of hosts", check: checkHosts },
  phases: { title: "a file of phases", check: checkPhases },
  trace: { title: "a trace of loads", check: (file) => ({ diagnostics: [], ...readTrace(file) }) },
  protocol: { title: "the description of a system", check: checkDescription },
  links: { title: "a links file", check: checkLinks },
  timeline: { title: "a timeline", check: checkTimeline },
};

/** As `benchmark` would, and besides it what other commands would take of it. */
function checkOptionsFile({ path, env }: LookedAt, backend: SystemBackend): Finding {
  // What the file says counts here, whatever this shell would put in its place.
  const other = Object.entries(env).filter(([name]) => !name.startsWith("BALEEN_"));
  const sources = { env: Object.fromEntries(other), readFile: readText, home: homedir() };
  const gathered = gatherOptions("benchmark", { ...sources, argv: ["--config", path] });
  const { parameters, diagnostics } = checkSweeps(gathered, backend);
  return {
    // A diagnostic that both networks have is reported once.
    diagnostics: eachOnce([...gathered.diagnostics, ...diagnostics, ...checkOthers(path, sources)]),
    concealed: gathered.concealed,
    lines: [
      ...describeSweep(
        parameters,
        gathered.variation?.points.map(({ name }) => name),
      ),
      "",
      `Run it with: npx baleen benchmark --config ${quoteArgv([path])}`,
    ],
    facts: { sweeps: parameters.map(sweepFacts) },
  };
}

/** Options of other commands. */
function checkOthers(path: string, sources: Parameters<typeof readConfigFile>[2]): readonly Diagnostic[] {
  const own = new Set(optionsOf("benchmark").map(({ name }) => name));
  const { given } = readConfigFile(path, (option) => !own.has(option), sources);
  return [...given].flatMap(([name, one]) => {
    const reading = fileOptions.find((option) => option.name === name)?.rule.read(one);
    return reading !== undefined && "diagnostics" in reading ? reading.diagnostics : [];
  });
}

function checkHosts(file: LookedAt): Finding {
  const { remote, diagnostics } = checkHostsFile(file);
  const { hosts, clientHosts } = remote;
  return {
    diagnostics,
    lines: [
      ...hosts.map(({ name, address, nodes }) => `  ${name} (${address}): nodes ${nodes.join(", ")}`),
      ...clientHosts.map(({ name, address }) => `  ${name} (${address}): clients`),
    ],
    facts: { hosts: hosts.length, client_hosts: clientHosts.length },
  };
}

function checkPhases(file: LookedAt): Finding {
  const reading = readPhases(file);
  if ("diagnostics" in reading) return { diagnostics: reading.diagnostics };
  const { phases } = reading.value;
  return {
    diagnostics: [],
    lines: [`  Phases: ${phases.map(({ name }) => name).join(", ")}`],
    facts: { phases: phases.length },
  };
}

/** As a sweep would. A program that is not here is no error: the file is right. */
function checkDescription({ path, text }: LookedAt, backend: SystemBackend): Finding {
  const { protocol, diagnostics } = backend.openProtocol({ kind: "file", path, text });
  if (protocol === undefined) return { diagnostics };
  const { name, title } = protocol;
  const programs = (programsOf(protocol) ?? []).filter((program) => program.kind === "foreign-program");
  return {
    diagnostics,
    lines: [`  ${name}: ${title}`, `  ${describeLoad(protocol)}`, ...programs.map(describeProgram)],
    facts: { protocol: name, programs: programs.map(({ name, path, image }) => ({ name, path, image })) },
  };
}

function describeLoad({ observeCommits, native, flows }: Protocol): string {
  if (flows !== undefined) return "Load: flows between the nodes";
  if (native !== undefined) return "Load: made by the nodes themselves, which also count the results";
  return `Commits: ${observeCommits === undefined ? "not observed: latency is measured to the reply" : "observed"}`;
}

/** Which nodes there are is known only where it is used. */
function checkLinks({ path, text }: LookedAt): Finding {
  const { spec, diagnostics } = parseLinks(text, path);
  if (spec === undefined) return { diagnostics };
  const { regions, regionPairs, groupPairs, nodePairs, ground } = spec;
  const pairs = regionPairs.length + groupPairs.length + nodePairs.length;
  return {
    diagnostics,
    lines: [
      `  Regions: ${regions.length === 0 ? "none" : regions.join(", ")}`,
      `  Pairs: ${pairs}`,
      ...(ground === undefined ? [] : [`  Positions: ${[...ground.positions.keys()].join(", ")}`]),
      "",
      `Show them with: npx baleen links ${quoteArgv([pathOf(path)])}`,
    ],
    facts: { regions: regions.length, pairs },
  };
}

/** A name without a slash would be that of a map. */
const pathOf = (path: string) => (isDescriptionPath(path) ? path : `./${path}`);

function checkTimeline({ path, text }: LookedAt): Finding {
  const { entries = [], diagnostics } = parseTimeline(text, path);
  return { diagnostics, lines: [`  Entries: ${entries.length}`], facts: { entries: entries.length } };
}

function describeProgram({ name, path, image }: ForeignProgram): string {
  return `  Program ${name}: ${path ?? "no file found"}${image === undefined ? "" : `, image ${image}`}`;
}

/** The line that a diagnostic names. */
function withLine({ code, message }: Diagnostic, path: string): Diagnostic & { readonly line?: number } {
  const at = message.indexOf(`${path}:`);
  const digits = at < 0 ? undefined : /^\d+/.exec(message.slice(at + path.length + 1))?.[0];
  return digits === undefined ? { code, message } : { code, message, line: Number(digits) };
}

/** What a file can be. A text that nobody could make sense of counts as a file of options: there it is told why. */
type FileKind = "options" | "hosts" | "phases" | "trace" | "protocol" | "links" | "timeline";

const hostsKeys: ReadonlySet<string> = new Set([
  "hosts",
  "clients",
  "ssh_timeout",
  "known_hosts",
  "sshTimeout",
  "knownHosts",
]);
const assignment = /^\s*(?:export\s+)?[A-Za-z_]\w*=/;

/** Recognizes what a file describes, by its name and by what stands in it. Pure. */
export function recognizeKind(path: string, text: string): FileKind {
  const first = text.split(/\r?\n/).find((line) => line.trim() !== "" && !line.trim().startsWith("#")) ?? "";
  if (/\.env$/i.test(path) || assignment.test(first)) return "hosts";
  if (/\.csv$/i.test(path) || /^\ufeff?\s*second\s*,\s*level\s*$/i.test(first)) return "trace";
  let content: unknown;
  try {
    content = parseYaml(text);
  } catch (error) {
    if (error instanceof BaleenError) return "options";
    throw error;
  }
  if (Array.isArray(content)) {
    if (content.some(isPhase)) return "phases";
    return content.some(isTimed) ? "timeline" : "options";
  }
  if (typeof content !== "object" || content === null) return "options";
  const keys = Object.keys(content);
  if (keys.includes("transaction") || (keys.includes("nodes") && keys.includes("health"))) return "protocol";
  if (keys.includes("flows") || keys.includes("networks")) return "protocol";
  if (keys.length === 1 && keys[0] === "phases") return "phases";
  if (linksKeys.some((key) => keys.includes(key))) return "links";
  if ("timeline" in content && keys.every((key) => timelineKeys.has(key))) return "timeline";
  const isHosts = "hosts" in content && Array.isArray(content.hosts);
  return isHosts && keys.every((key) => hostsKeys.has(key)) ? "hosts" : "options";
}

/** Keys of a links file that are no options. */
const linksKeys = [
  ...["default", "regions", "assign", "region-pairs", "group-pairs", "node-pairs"],
  ...["positions", "quality", "layers"],
];
const timelineKeys: ReadonlySet<string> = new Set(["title", "source", "note", "timeline"]);

const isTimed = (item: unknown) => typeof item === "object" && item !== null && "at" in item;

const isPhase = (item: unknown) =>
  typeof item === "object" && item !== null && ("share" in item || "duration" in item || "level" in item);
