import type { HostPath } from "../../../contracts/hosts/host-report.ts";
import type { RemoteParameters } from "../../../contracts/parameters.ts";
import { quoteArgv } from "../../../core/text/quote.ts";
import { probeHandshakes } from "../../../deploy/remote/probe.ts";
import { linksLike } from "../../../links/like.ts";
import type { LinksFile } from "../../../links/schema/schema.ts";
import { checkRemote } from "../../../options/checks/remote.ts";
import { listHostFlags } from "../../../options/hosts/join.ts";
import {
  buildHostPathsJson,
  formatHostPaths,
  listUnmeasured,
  type ProbedHosts,
} from "../../../results/report/tables/host-paths.ts";
import { refuse } from "../../../run/prepare/preflight.ts";
import { refuseUnused } from "../../options/command-options.ts";
import { type Command, openSteps, printFound } from "../../terminal/context.ts";

/** `links --probe`: the delays between hosts, before any network is on them. Exit code 1 where a pair has none. */
export const probeLinks: Command = async (request, context, { hosts }) => {
  const { words, given, diagnostics } = request;
  const { remote, diagnostics: found } = checkRemote(given, request.hosts);
  diagnostics.push(...found);
  refuseUnused(request, ["committee"], "links --probe");
  if (words.length > 0) {
    const message = `${words[0]}: "links --probe" measures hosts and shows no map. Remove it, or --probe.`;
    diagnostics.push({ code: "unused-option", message });
  }
  if (remote.hosts.length === 1) {
    const message =
      "--probe measures between hosts, and there is only one. Name two or more in the hosts file.";
    diagnostics.push({ code: "too-few-hosts", message });
  }
  refuse(diagnostics);
  const { signal, clock } = context;
  context.setLeftBehind(() => [leftBehind(remote)]);
  const paths = await hosts.probe(remote, { signal, onStep: openSteps(context) });
  context.setLeftBehind(() => []);
  signal.throwIfAborted();
  const probed: ProbedHosts = {
    hosts: remote.hosts.map(({ name }) => name),
    paths,
    handshakes: probeHandshakes,
  };
  const date = new Date(clock.wallMs()).toISOString();
  const links = linksOf(probed, date.slice(0, 10));
  printFound(context, () => buildHostPathsJson(probed, date, links), formatHostPaths(probed));
  return links === undefined ? 1 : 0;
};

const leftBehind = (remote: RemoteParameters) => {
  const removal = quoteArgv(["npx", "baleen", "hosts", "clean", ...listHostFlags(remote), "--yes"]);
  return `Left behind: containers that measured, on the hosts. Remove them with: ${removal}`;
};

/** For committees of any size: nodes take regions in turn. None where a pair would count as having no delay. */
function linksOf(probed: ProbedHosts, date: string): LinksFile | undefined {
  const { hosts, paths, handshakes } = probed;
  if (listUnmeasured(probed).length > 0) return undefined;
  const links = linksLike(
    { hostOf: hosts, reports: [{ hosts: [], pairs: paths.flatMap(pairsOf) }] },
    {
      title: `Measured between ${hosts.length} hosts`,
      source: `baleen links --probe: half of the median of ${2 * handshakes} TCP handshakes of each pair`,
      date,
      note: "Loss and rate were not measured.",
    },
  );
  if (links === undefined) return undefined;
  const { assign: _, ...file } = links;
  return file;
}

const pairsOf = ({ from, to, rttsMs }: HostPath) => rttsMs.map((rttMs) => ({ from, to, rttMs }));
