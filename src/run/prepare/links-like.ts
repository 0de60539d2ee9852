import type { HostSpec } from "../../contracts/hosts/host.ts";
import type { LinksTitle } from "../../contracts/links/matrix.ts";
import type { LinksParameters } from "../../contracts/parameters.ts";
import type { MeasuredRun } from "../../contracts/results/native/native.ts";
import { BaleenError } from "../../core/errors.ts";
import { linksLike } from "../../links/like.ts";
import type { LinksFile } from "../../links/schema/schema.ts";
import { readBundle } from "../../results/bundle/reader.ts";

interface RemoteRuns {
  readonly hosts: readonly Pick<HostSpec, "name" | "nodes">[];
  /** Nodes of the committee. */
  readonly committee: number;
  readonly runs: readonly MeasuredRun[];
}

/** Links with the delays that runs measured between their hosts; undefined where they measured none. */
export function linksLikeRuns(
  { hosts, committee, runs }: RemoteRuns,
  title: LinksTitle,
): LinksFile | undefined {
  const nodes = Array.from({ length: committee }, (_, node) => node);
  const hostOf = nodes.flatMap((node) => hosts.find((host) => host.nodes.includes(node))?.name ?? []);
  const reports = runs.flatMap((run) => ("links" in run && run.links?.before) || []);
  return linksLike({ hostOf, reports }, title);
}

/**
 * Links with the delays that a remote run measured between its hosts, for its committee.
 *
 * @param bundle path of its bundle
 * @throws BundleReadError
 * @throws BaleenError "links-like" where nothing was measured
 */
export async function readLinksLike(bundle: string): Promise<Pick<LinksParameters, "name" | "document">> {
  const { parameters, runs } = await readBundle(bundle);
  const hosts = parameters.has("hosts")
    ? parameters.objects("hosts", (host) => ({
        name: host.text("name"),
        nodes: host.list("nodes", (node) => Number(node)),
      }))
    : [];
  const title = {
    title: `Delays between the hosts of ${bundle}`,
    note: "Half of each median round trip. Loss and rate are unknown.",
  };
  const document = linksLikeRuns({ hosts, committee: parameters.count("nodes"), runs }, title);
  if (document === undefined) {
    const reason = "its runs measured no round trip between hosts. Use the bundle of a run on several hosts";
    throw new BaleenError("links-like", `${bundle}: ${reason}.`);
  }
  return { name: `like ${bundle}`, document };
}
