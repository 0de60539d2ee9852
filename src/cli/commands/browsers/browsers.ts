import { basename, extname, resolve } from "node:path";
import type { PageContent } from "../../../contracts/peer-tests/node-files.ts";
import { usualPeerLibrary } from "../../../contracts/peer-tests/peer-library.ts";
import { ConfigurationError } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { createProcessDeployer } from "../../../deploy/process/deployer.ts";
import { protocolOptionRule } from "../../../options/rules/protocol-option.ts";
import type { Given } from "../../../options/rules/rule.ts";
import { rules } from "../../../options/rules/rules.ts";
import { createBrowsers } from "../../../protocol/browsers/browsers.ts";
import { chromiumDiagnostics, noneNamed } from "../../../protocol/browsers/programs.ts";
import { dealRoutines, usualMessagesPerSec } from "../../../protocol/browsers/routines.ts";
import { newRunId, stateDirOf } from "../../../run/prepare/backend.ts";
import { joinTest } from "../../../run/workloads/routines/join-test.ts";
import { type BuiltPage, buildClientPage } from "../../../server/client-page/client-page.ts";
import { usualBrowsers } from "../../options/browser-ports.ts";
import { readOwn, refuseUnused } from "../../options/command-options.ts";
import { processFacts } from "../../terminal/command-backend.ts";
import {
  type Command,
  type CommandContext,
  type CommandRequest,
  printFound,
} from "../../terminal/context.ts";
import { runBenchmark } from "../run/benchmark.ts";
import { writeBrowsersImage } from "./image.ts";

const usualDurationSecs = { whole: 60, joining: 180 };

/** `browsers`: a whole test as a `benchmark`, or only browsers for a test that others run. */
export const runBrowsers: Command = async (request, context, backend) => {
  const { local, imageFile } = readOwn(request, { local: false, imageFile: undefined });
  if (imageFile !== undefined) {
    if (request.diagnostics.length > 0) throw new ConfigurationError(request.diagnostics);
    return await writeBrowsersImage(imageFile, context);
  }
  const { hosts, networkType } = request.given;
  // Whoever names hosts wants them used.
  const named = hosts?.rank === 0 && !local ? usual("hosts", "remote") : undefined;
  const given = { ...request.given, ...(networkType === undefined && named && { networkType: named }) };
  const isRemote = given.networkType?.value === "remote";
  if (local && isRemote) {
    const message = "--local and a remote network contradict each other. Remove one of them.";
    request.diagnostics.push({ code: "contradiction", message });
  }
  const isWhole = local || isRemote;
  return isWhole
    ? await runWholeTest({ ...request, given }, context, backend)
    : await runJoining(request, context, backend);
};

const usual = (name: string, value: unknown): Given => ({ name, value, rank: 3 });

/** `benchmark` of browsers, with the page that they load, and defaults of its own. */
const runWholeTest: Command = async (request, context, backend) => {
  const own = readOwn(request, {
    ...{ peerLibrary: undefined, routine: undefined },
    ...{ routineFile: undefined, statsServerUrl: undefined },
  });
  refuseOfJoining(request);
  const options = {
    library: own.peerLibrary,
    routines: own.routine ?? (own.routineFile === undefined ? undefined : nameOfFile(own.routineFile)),
    routineFile: own.routineFile && resolve(own.routineFile),
    statsServerUrl: own.statsServerUrl,
  };
  const pages = new ClientPages(context);
  const prepare = async (given: CommandRequest["given"]) => {
    const complete = withDefaults(withOptions(given, options));
    // Packing takes seconds, so what would stop the test is reported first.
    const isHopeless =
      request.diagnostics.length > 0 || chromiumDiagnostics(optionIn(complete, "chromium")).length > 0;
    if (isHopeless) return complete;
    const page = await pages.make(complete);
    // What a test was begun with, its bundle says; its page must be there again.
    return given.resume === undefined ? withOptions(complete, { page }) : given;
  };
  const { variation } = request;
  const points = [];
  for (const point of variation?.points ?? []) points.push({ ...point, given: await prepare(point.given) });
  const asked = {
    ...request,
    given:
      variation === undefined
        ? await prepare(request.given)
        : withDefaults(withOptions(request.given, options)),
    ...(variation && { variation: { ...variation, points } }),
  };
  const browsers = createBrowsers((sha256) => pages.find(sha256));
  return await runBenchmark(asked, context, {
    ...backend,
    openProtocol: (reference) => {
      const opened = backend.openProtocol(reference);
      return opened.protocol?.name === browsers.name ? { ...opened, protocol: browsers } : opened;
    },
  });
};

const nameOfFile = (path: string) => basename(path, extname(path));

/** Names of what a test that runs elsewhere must be given, with the variables that existing set-ups use. */
const neededToJoin = [
  ["testId", "--test-id (TEST_ID)"],
  ["resultsServerUrl", "--results-server-url (RESULTS_SERVER_URL)"],
  ["lighthouseUrl", "--lighthouse-url (LIGHTHOUSE_URL)"],
  ["clientUrl", "--client-url (CLIENT_URL)"],
] as const;

/** Options of the test that browsers join say nothing of one that is run here. */
function refuseOfJoining({ given, diagnostics }: CommandRequest): void {
  for (const [name] of neededToJoin) {
    const one = given[name];
    if (one === undefined || one.rank > 0) continue;
    const message = `${one.name}: a whole test has servers of its own. Remove it, or remove --local.`;
    diagnostics.push({ code: "contradiction", message });
  }
}

type GivenOptions = CommandRequest["given"];

/** Options of the protocol, of which those that are given as such count for more. */
function withOptions(
  given: GivenOptions,
  options: Readonly<Record<string, string | undefined>>,
): GivenOptions {
  const value = Object.fromEntries(Object.entries(options).filter(([, one]) => one !== undefined));
  if (Object.keys(value).length === 0) return given;
  const last = usual("baleen browsers", value);
  const { protocolOption: own } = given;
  return {
    ...given,
    protocolOption: own === undefined ? last : { ...own, farther: withFarther(own.farther, last) },
  };
}

const withFarther = (farther: Given | undefined, last: Given): Given =>
  farther === undefined ? last : { ...farther, farther: withFarther(farther.farther, last) };

/** The nearest value of an option of the protocol. */
function optionIn({ protocolOption }: GivenOptions, name: string): string | undefined {
  if (protocolOption === undefined) return undefined;
  const items = protocolOptionRule.read(protocolOption);
  if (!("value" in items)) return undefined;
  const found = items.value.filter(({ option }) => option === name);
  const nearest = Math.min(...found.map(({ given }) => given.rank));
  const value = found.findLast(({ given }) => given.rank === nearest)?.given.value;
  return value === undefined ? undefined : String(value);
}

function withDefaults(given: GivenOptions): GivenOptions {
  const peers = given.committee ?? usual("peers", usualBrowsers);
  const { senders } = dealRoutines(
    optionIn(given, "routines") ?? "comms",
    Number(peers.value) || usualBrowsers,
  );
  const load = Math.round(10 * usualMessagesPerSec * Math.max(1, senders)) / 10;
  return {
    ...given,
    protocol: given.protocol ?? usual("protocol", "browsers"),
    // A browser is a program of this machine; containers are for those who ask for them.
    ...(given.runtime === undefined &&
      given.networkType?.value !== "remote" && { runtime: usual("runtime", "process") }),
    committee: peers,
    loads: given.loads ?? usual("loads", [load]),
    duration: given.duration ?? usual("duration", usualDurationSecs.whole),
  };
}

/** The pages of a command: one for each library and set of routines. */
class ClientPages {
  readonly #context: CommandContext;
  /** By library and file of routines. */
  readonly #pages = new Map<string, BuiltPage>();

  constructor(context: CommandContext) {
    this.#context = context;
  }

  find(sha256: string): PageContent | undefined {
    return this.#pages.values().find(({ library }) => library.scriptSha256 === sha256)?.content;
  }

  /** @returns SHA-256 of its script @throws PeerLibraryError, CommandError where the library cannot be had */
  async make(given: GivenOptions): Promise<string> {
    const peerLibrary = optionIn(given, "library") ?? usualPeerLibrary;
    const routineFile = optionIn(given, "routineFile") ?? noneNamed;
    const key = `${peerLibrary}\n${routineFile}`;
    const page = this.#pages.get(key) ?? (await this.#build(peerLibrary, routineFile));
    this.#pages.set(key, page);
    return page.library.scriptSha256;
  }

  async #build(peerLibrary: string, routineFile: string): Promise<BuiltPage> {
    const { env, signal, terminal, settings } = this.#context;
    if (!settings.quiet) terminal.note(`Packing ${formatForeign(peerLibrary)} for browsers …`);
    const routineFiles = routineFile === noneNamed ? [] : [routineFile];
    return await buildClientPage({ peerLibrary, routineFiles, cacheDir: stateDirOf(env), env, signal });
  }
}

/** What else it takes; of a whole test there is more. */
const takenToJoin: ReadonlySet<string> = new Set([
  ...neededToJoin.map(([name]) => name),
  ...["local", "committee", "duration", "routine", "networkType", "config"],
  ...["json", "quiet", "verbose", "live", "logFormat", "logFile"],
]);

/** Starts browsers for a test that others run, and waits until all of them have ended it. */
const runJoining: Command = async (request, context) => {
  const { given, diagnostics } = request;
  const { routine: routines, ...own } = readOwn(request, {
    ...{ testId: "", resultsServerUrl: "", lighthouseUrl: "", clientUrl: "" },
    routine: "comms",
  });
  const count = request.read(rules.committee, given.committee, usualBrowsers);
  const durationSecs = request.read(rules.duration, given.duration, usualDurationSecs.joining);
  const missing = neededToJoin.flatMap(([name, text]) => (given[name] === undefined ? [text] : []));
  if (missing.length > 0) {
    const message = `Missing: ${missing.join(", ")}. Give them, or use --local for a whole test on this machine.`;
    diagnostics.push({ code: "missing-value", message });
  }
  const unused = Object.keys(given).filter((name) => !takenToJoin.has(name));
  refuseUnused(request, unused, "baleen browsers without --local");
  if (diagnostics.length > 0) throw new ConfigurationError(diagnostics);
  const { terminal, settings, signal, env } = context;
  const { nodeBinary } = processFacts(env);
  const note = (text: string) => {
    if (!settings.quiet) terminal.note(text);
  };
  note(`Starting ${count} browsers for the test ${own.testId} …`);
  const failed = await joinTest(
    { count, durationSecs, routines, ...own },
    {
      deployer: createProcessDeployer({ nodeBinary, stateDir: stateDirOf(env), env }),
      run: newRunId(),
      emit: () => {},
      signal,
      onStates: (states) => note([...states].map(([state, browsers]) => `${browsers} ${state}`).join(", ")),
    },
  );
  for (const { name, reason } of failed) terminal.note(`${name}: ${formatForeign(reason)}`, "warning");
  const end = `${count - failed.length} of ${count} browsers took part in the test ${own.testId} to its end.`;
  const document = { schema: "baleen.joined-test/1", test_id: own.testId, browsers: count, failed };
  if (settings.json) printFound(context, () => document, end);
  else note(end);
  return failed.length === 0 ? 0 : 1;
};
