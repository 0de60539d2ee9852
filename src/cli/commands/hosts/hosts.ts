import type { HostLeftovers, HostRemoval, HostReport } from "../../../contracts/hosts/host-report.ts";
import type { RemoteParameters } from "../../../contracts/parameters.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { checkRemote } from "../../../options/checks/remote.ts";
import { rules } from "../../../options/rules/rules.ts";
import {
  formatCommittee,
  formatHostLeftovers,
  formatHostReports,
  formatHostSteps,
} from "../../../results/report/tables/host-tables.ts";
import { preflightLook, refuse } from "../../../run/prepare/preflight.ts";
import { readOwn, refuseUnused } from "../../options/command-options.ts";
import type { CommandBackend } from "../../terminal/command-backend.ts";
import {
  type Command,
  type CommandContext,
  type CommandRequest,
  type ExitCode,
  openSteps,
  printFound,
} from "../../terminal/context.ts";

/** `hosts check|prepare|clean`: whether hosts can hold nodes, making them so, and what runs left on them. */
export const runHosts: Command = async (request, context, { hosts }) => {
  const [action] = request.words;
  const { remote, diagnostics } = checkRemote(request.given, request.hosts);
  request.diagnostics.push(...diagnostics);
  const options = readOwn(request, { yes: false, run: undefined, images: false });
  if (action === "check" || action === "prepare") {
    refuseUnused(request, ["yes", "run", "images"], `hosts ${action}`);
  }
  if (action !== "check") refuseUnused(request, ["committee"], `hosts ${action}`);
  const committee = request.read(rules.committee, request.given.committee, undefined);
  refuse(request.diagnostics);
  if (action === "check" && committee !== undefined) {
    return await checkCommittee(committee, remote, { request, context, hosts });
  }
  const watch = watchOf(context);
  if (action === "clean") return await clean(remote, options, context, hosts);
  const reports =
    action === "prepare" ? await hosts.prepare(remote, watch) : await hosts.check(remote, watch);
  context.signal.throwIfAborted();
  const text =
    action === "prepare"
      ? `${formatHostSteps(reports)}\n\n${formatHostReports(reports)}`.trimStart()
      : formatHostReports(reports);
  printFound(context, () => ({ hosts: reports.map(reportJson) }), text);
  return exitCode(reports);
};

interface CommitteeCheck {
  readonly request: CommandRequest;
  readonly context: CommandContext;
  readonly hosts: CommandBackend["hosts"];
}

/** Whether the hosts are enough for so many nodes, as a benchmark would find them. @param all hosts that are described */
async function checkCommittee(
  committee: number,
  all: RemoteParameters,
  { request, context, hosts }: CommitteeCheck,
): Promise<ExitCode> {
  const { remote, diagnostics } = checkRemote(request.given, request.hosts, committee);
  const [lacking, others] = [true, false].map((isLacking) =>
    diagnostics.filter(({ code }) => (code === "too-few-hosts") === isLacking),
  );
  refuse(others ?? []);
  // Where they are too few, what there is can be checked all the same.
  const checked = lacking?.length === 0 ? remote : all;
  const found = await hosts.checkCommittee(checked, watchOf(context));
  context.signal.throwIfAborted();
  const report = { ...found, diagnostics: [...(lacking ?? []), ...found.diagnostics] };
  const isEnough = exitCode([report, ...found.hosts]) === 0;
  const document = () => ({
    hosts: found.hosts.map(reportJson),
    committee: { nodes: committee, enough: isEnough, faults: report.diagnostics, notes: report.notes },
  });
  const verdict = formatCommittee(committee, report, { placed: checked.hosts, isEnough });
  printFound(context, document, `${formatHostReports(found.hosts)}\n\n${verdict}`);
  return isEnough ? 0 : 1;
}

const watchOf = (context: CommandContext) => ({ signal: context.signal, onStep: openSteps(context) });

type Judged = Pick<HostReport, "diagnostics">;

/** As the documents of `--json` have had it from the first. */
const published = <T extends Judged>({ diagnostics, ...host }: T) => ({ ...host, faults: diagnostics });

/** 1 where a host is not as it should be. */
function exitCode(reports: readonly Judged[]): ExitCode {
  return reports.some(({ diagnostics }) => diagnostics.length > 0) ? 1 : 0;
}

const reportJson = ({ facts, diagnostics, ...rest }: HostReport) => ({
  ...rest,
  ready: diagnostics.length === 0,
  facts: Object.fromEntries(facts),
  faults: diagnostics,
});

async function clean(
  remote: RemoteParameters,
  { yes, run, images: withImages }: { yes: boolean; run: string | undefined; images: boolean },
  context: CommandContext,
  hosts: CommandBackend["hosts"],
): Promise<ExitCode> {
  const watch = watchOf(context);
  const look = async () => {
    const left = await hosts.leftovers(remote, watch);
    if (run !== undefined) refuse(refusal(run, left));
    return left;
  };
  const found = await preflightLook([], look, context.signal);
  const listed = found.map((host) => ({
    ...host,
    runs: host.runs.filter((one) => run === undefined || one.run === run),
    images: withImages ? host.images : [],
  }));
  const dead = listed.flatMap(({ runs }) => runs.filter(({ inUse }) => !inUse).map((one) => one.run));
  const runs = yes || run !== undefined ? [...new Set(dead)] : [];
  const images = withImages && yes;
  const removals: readonly HostRemoval[] =
    runs.length > 0 || images ? await hosts.remove(remote, { runs, images }, watch) : [];
  context.signal.throwIfAborted();
  const stays =
    (dead.length > 0 && runs.length === 0) || (!images && listed.some((host) => host.images.length > 0));
  const hint = stays ? "\n\nRemove everything with --yes, or what one run left with --run ID." : "";
  const document = { hosts: listed.map(published), removals: removals.map(published) };
  printFound(context, () => document, `${formatHostLeftovers(listed, removals)}${hint}`);
  return exitCode([...found, ...removals]);
}

/** Of a host that cannot be reached nobody knows what is there: the others are cleaned. */
function refusal(run: string, hosts: readonly HostLeftovers[]): readonly Diagnostic[] {
  const places = hosts.flatMap(({ name, runs }) =>
    runs.filter((one) => one.run === run).map((one) => ({ ...one, name })),
  );
  const busy = places.find(({ inUse }) => inUse);
  if (busy !== undefined) {
    const message = `--run ${run}: this run is still running on ${busy.name}. Stop it first, with Ctrl-C.`;
    return [{ code: "run-in-use", message }];
  }
  if (places.length > 0 || hosts.some(({ diagnostics }) => diagnostics.length > 0)) return [];
  const message = `--run ${run}: this run left nothing on these hosts. List what is left with: npx baleen hosts clean`;
  return [{ code: "unknown-run", message }];
}
