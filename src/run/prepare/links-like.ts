import type { LinksParameters } from "../../contracts/parameters.ts";
import { BaleenError } from "../../core/errors.ts";
import { linksLike } from "../../links/like.ts";
import { readBundle } from "../../results/bundle/reader.ts";

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
  const hostOf = Array.from(
    { length: parameters.count("nodes") },
    (_, node) => hosts.find(({ nodes }) => nodes.includes(node))?.name,
  ).filter((host) => host !== undefined);
  const reports = runs.flatMap((run) => ("links" in run && run.links?.before) || []);
  const title = {
    title: `Delays between the hosts of ${bundle}`,
    note: "Half of each median round trip. Loss and rate are unknown.",
  };
  const document = linksLike({ hostOf, reports }, title);
  if (document === undefined) {
    const reason = "its runs measured no round trip between hosts. Use the bundle of a run on several hosts";
    throw new BaleenError("links-like", `${bundle}: ${reason}.`);
  }
  return { name: `like ${bundle}`, document };
}
