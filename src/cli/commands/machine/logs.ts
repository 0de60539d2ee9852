import type { SeenMachines, SeenNode } from "../../../contracts/nodes/seen-node.ts";
import { delay } from "../../../core/async.ts";
import type { ErrorCode } from "../../../core/error-codes.ts";
import { ConfigurationError } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { suggestion } from "../../../core/text/nearest.ts";
import { findBundle } from "../../../results/bundle/find-bundle.ts";
import { readKeptLogs } from "../../../results/bundle/kept-logs.ts";
import { preflightLook, refuse } from "../../../run/prepare/preflight.ts";
import { readOutputDir, readOwn, refuseUnused } from "../../options/command-options.ts";
import type { Command, CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";
import { readMachines } from "./seen-machines.ts";

/** Beyond any log. */
const allLines = 1_000_000_000;
const returnPollMs = 1000;

/** `logs NODE`: what a node says, or what a bundle kept of it. */
export const runLogs: Command = async (request, context, backend) => {
  const usual = { tail: 100, follow: false, bundle: undefined, run: undefined };
  const { tail: tailLines, follow, bundle, run } = readOwn(request, usual);
  if (follow) refuseUnused(request, ["json"], "logs -f");
  if (bundle !== undefined) return await showKept({ request, bundle, tailLines }, context);
  const open = readMachines(request);
  refuse(request.diagnostics);
  await using opened = await open(context, backend);
  const look = () => choose(opened, request.words[0] ?? "", run);
  const node = await preflightLook([], look, context.signal);
  if (follow) return await followNode(node, opened, tailLines, context);
  const text = await node.readLog(tailLines);
  print([{ run: node.run, host: node.host, text }], context);
  return 0;
};

interface ShownLog {
  readonly run?: string | undefined;
  readonly host?: string | undefined;
  readonly benchmarkNumber?: number | undefined;
  readonly text: string;
}

async function showKept(
  { request, bundle, tailLines }: { request: CommandRequest; bundle: string; tailLines: number },
  context: CommandContext,
): Promise<ExitCode> {
  const [node = ""] = request.words;
  const outputDir = readOutputDir(request);
  // That no node is named is known already.
  const look = async () => (node === "" ? [] : await readKeptLogs(await findBundle(bundle, outputDir), node));
  refuseUnused(request, ["follow", "run", "hosts"], "logs --bundle");
  const kept = await preflightLook(request.diagnostics, look, context.signal);
  print(
    kept.map(({ text, ...log }) => ({ ...log, text: text.split("\n").slice(-tailLines).join("\n") })),
    context,
  );
  return 0;
}

function print(logs: readonly ShownLog[], { terminal, settings }: CommandContext): void {
  if (settings.json) {
    const entries = logs.map(({ benchmarkNumber, text, ...place }) => ({
      ...place,
      benchmark_number: benchmarkNumber,
      lines: text === "" ? [] : text.split("\n"),
    }));
    terminal.print(JSON.stringify({ logs: entries }, null, 2));
    return;
  }
  const parts = logs.map(({ benchmarkNumber, text }) =>
    logs.length === 1 ? text : `==> run ${benchmarkNumber} <==\n${text}`,
  );
  terminal.printForeign(parts.join("\n\n"));
}

/** The one node that was meant. @throws ConfigurationError where there is none, or several */
async function choose(opened: SeenMachines, name: string, run: string | undefined): Promise<SeenNode> {
  const { nodes, diagnostics } = await opened.look();
  const ofRun = nodes.filter((one) => run === undefined || one.run === run);
  const found = ofRun.filter((one) => one.name === name);
  // What dead runs left is meant where nothing else can be.
  const alive = found.filter(({ state }) => state !== "down");
  const [node, ...others] = alive.length === 1 ? alive : found;
  const refusal = (code: ErrorCode, message: string) =>
    new ConfigurationError([{ code, message: formatForeign(message) }, ...diagnostics]);
  const where = run === undefined ? "" : ` in run ${run}`;
  if (ofRun.length === 0) {
    const remedy = "For nodes on hosts, use --hosts FILE; for logs kept in a bundle, --bundle last";
    throw refusal("no-such-node", `There are no nodes${where} here. ${remedy}`);
  }
  if (node === undefined) {
    const names = [...new Set(ofRun.map((one) => one.name))];
    const remedy = suggestion(name, names) || ` There are ${names.join(", ")}.`;
    throw refusal("no-such-node", `${name}: no such node${where}.${remedy}`);
  }
  if (others.length > 0) {
    const runs = [...new Set(found.map((one) => one.run))].join(", ");
    const message = `${name}: several runs have a node of this name: ${runs}. Choose one with --run.`;
    throw refusal("several-nodes", message);
  }
  return node;
}

/** Through restarts of the node, and the replacement of its network between loads, until Ctrl-C. */
async function followNode(
  first: SeenNode,
  opened: SeenMachines,
  tailLines: number,
  { terminal, settings, signal }: CommandContext,
): Promise<ExitCode> {
  let rest = "";
  const onText = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    if (lines.length === 0) return;
    terminal.printForeign(lines.join("\n"));
  };
  let [node, lines]: [SeenNode | undefined, number] = [first, tailLines];
  while (node !== undefined) {
    await node.followLog(lines, onText, signal);
    if (rest !== "") onText("\n");
    signal.throwIfAborted();
    if (!settings.quiet) terminal.note(`${formatForeign(first.name)} is gone; waiting for it to come back.`);
    node = await comeBack(first, opened, signal);
    lines = allLines;
  }
  return 0;
}

async function comeBack(
  { name, run, host }: SeenNode,
  opened: SeenMachines,
  signal: AbortSignal,
): Promise<SeenNode> {
  for (;;) {
    await delay(returnPollMs, signal);
    const { nodes } = await opened.look();
    const same = nodes.find((node) => node.name === name && node.run === run && node.host === host);
    if (same !== undefined) return same;
  }
}
