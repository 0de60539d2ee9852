import type { HostLeftovers, HostRemoval, HostReport } from "../../../contracts/hosts/host-report.ts";
import type { RemoteParameters } from "../../../contracts/parameters.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import type { Watch } from "../../../deploy/deployers.ts";
import { checkRemote } from "../../../options/checks/remote.ts";
import { boolean, openReader } from "../../../options/rules/rule.ts";
import {
  formatHostLeftovers,
  formatHostReports,
  formatHostSteps,
} from "../../../results/report/tables/host-tables.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import { ownRules } from "../../options/option.ts";
import { refuseUnused } from "../../options/unused.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";
import { openSteps } from "../../terminal/steps.ts";

/** What is removed. */
interface CleanOptions {
  /** Everything that is listed. */
  readonly yes: boolean;
  /** What this run left. */
  readonly run: string | undefined;
  readonly images: boolean;
}

/** `hosts check|prepare|clean`: whether hosts can hold nodes, making them so, and what runs left on them. */
export async function runHosts(
  request: CommandRequest,
  context: CommandContext,
  { hosts }: CommandBackend,
): Promise<ExitCode> {
  const { given } = request;
  const [action] = request.words;
  const { remote, diagnostics } = checkRemote(given, request.hosts);
  const reader = openReader();
  const options: CleanOptions = {
    yes: reader.read(boolean, given.yes, false),
    run: reader.read(ownRules.run, given.run, undefined),
    images: reader.read(boolean, given.images, false),
  };
  const unused =
    action === "check" || action === "prepare"
      ? refuseUnused(given, ["yes", "run", "images"], `hosts ${action}`)
      : [];
  await preflight(
    [...request.diagnostics, ...diagnostics, ...reader.diagnostics, ...unused],
    [],
    context.signal,
  );
  const watch = { signal: context.signal, onStep: openSteps(context) };
  if (action === "clean") return await clean({ remote, options, hosts }, watch, context);
  const reports =
    action === "prepare" ? await hosts.prepare(remote, watch) : await hosts.check(remote, watch);
  context.signal.throwIfAborted();
  const text =
    action === "prepare"
      ? `${formatHostSteps(reports)}\n\n${formatHostReports(reports)}`.trimStart()
      : formatHostReports(reports);
  context.terminal.print(context.settings.json ? JSON.stringify(reportsJson(reports), null, 2) : text);
  return exitCode(reports);
}

/** As the documents of `--json` have had it from the first. */
const published = <T extends { readonly diagnostics: readonly Diagnostic[] }>({
  diagnostics,
  ...host
}: T) => ({
  ...host,
  faults: diagnostics,
});

/** 1 where a host is not as it should be. */
function exitCode(reports: readonly { readonly diagnostics: readonly Diagnostic[] }[]): ExitCode {
  return reports.some(({ diagnostics }) => diagnostics.length > 0) ? 1 : 0;
}

function reportsJson(reports: readonly HostReport[]) {
  return {
    hosts: reports.map(({ facts, diagnostics, ...rest }) => ({
      ...rest,
      ready: diagnostics.length === 0,
      facts: Object.fromEntries(facts),
      faults: diagnostics,
    })),
  };
}

interface Cleaning {
  readonly remote: RemoteParameters;
  readonly options: CleanOptions;
  readonly hosts: CommandBackend["hosts"];
}

async function clean(
  { remote, options, hosts }: Cleaning,
  watch: Watch,
  context: CommandContext,
): Promise<ExitCode> {
  const { run } = options;
  let found: readonly HostLeftovers[] = [];
  const look = async (): Promise<readonly Diagnostic[]> => {
    found = await hosts.leftovers(remote, watch);
    return run === undefined ? [] : refusal(run, found);
  };
  await preflight([], [look], context.signal);
  const listed = found.map((host) => ({
    ...host,
    runs: host.runs.filter((one) => run === undefined || one.run === run),
    images: options.images ? host.images : [],
  }));
  const dead = listed.flatMap(({ runs }) => runs.filter(({ inUse }) => !inUse).map((one) => one.run));
  const runs = options.yes || run !== undefined ? [...new Set(dead)] : [];
  const images = options.images && options.yes;
  const removals: readonly HostRemoval[] =
    runs.length > 0 || images ? await hosts.remove(remote, { runs, images }, watch) : [];
  context.signal.throwIfAborted();
  const stays =
    (dead.length > 0 && runs.length === 0) || (!images && listed.some((host) => host.images.length > 0));
  const hint = stays ? "\n\nRemove all of it with --yes, or one run's with --run ID." : "";
  const text = `${formatHostLeftovers(listed, removals)}${hint}`;
  const document = { hosts: listed.map(published), removals: removals.map(published) };
  context.terminal.print(context.settings.json ? JSON.stringify(document, null, 2) : text);
  return exitCode([...found, ...removals]);
}

/** Of a host that cannot be reached nobody knows what is there: that is told, and the others are cleaned. */
function refusal(run: string, hosts: readonly HostLeftovers[]): readonly Diagnostic[] {
  const places = hosts.flatMap(({ name, runs }) =>
    runs.filter((one) => one.run === run).map((one) => ({ ...one, name })),
  );
  const busy = places.find(({ inUse }) => inUse);
  if (busy !== undefined) {
    const message = `--run ${run}: that run is under way on ${busy.name}. Stop it first, with Ctrl-C.`;
    return [{ code: "run-in-use", message }];
  }
  if (places.length > 0 || hosts.some(({ diagnostics }) => diagnostics.length > 0)) return [];
  const message = `--run ${run}: nothing of such a run is on these hosts. List what there is with: npx baleen hosts clean`;
  return [{ code: "unknown-run", message }];
}
