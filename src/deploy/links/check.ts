/** Checks of links before anything starts. Pure. */
import type { LinkShape } from "../../contracts/links/shape.ts";
import { linksOf, type PlannedLinks } from "../../contracts/links/shaping.ts";
import type { NodeName } from "../../contracts/nodes/node.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { beyondNfqueue, beyondRelay } from "./plan.ts";

const diagnostic = (message: string): Diagnostic => ({ code: "links", message });

/** Of links that the kernel is to make: what the mechanism cannot do, as far as it is known before the trial. */
export function checkKernelLinks(links: PlannedLinks): Diagnostic[] {
  const { mechanism, matrix } = links;
  const beyond = beyondNfqueue(links).join(" and ");
  const found: Diagnostic[] = [];
  if (mechanism === "nfqueue" && beyond !== "") {
    found.push(
      diagnostic(`--link-mechanism nfqueue cannot do ${beyond}. Remove them from the links, or use netem.`),
    );
  }
  if (mechanism === "netem" && matrix.clients !== undefined) {
    found.push(
      diagnostic(
        "--link-mechanism netem cannot shape clients. Remove clients from the links, or use nfqueue.",
      ),
    );
  }
  if (mechanism === undefined && beyond !== "" && matrix.clients !== undefined) {
    found.push(
      diagnostic(
        `links: ${beyond} needs netem, and clients needs nfqueue. Remove one of them from the links.`,
      ),
    );
  }
  return found;
}

/** Of links of containers, which the kernel makes. */
export function checkContainerLinks(links: PlannedLinks, where: "containers" | "hosts"): Diagnostic[] {
  if (links.mechanism !== "relay") return checkKernelLinks(links);
  const remedy = where === "hosts" ? "Remove it." : "Remove it, or use --runtime process.";
  return [diagnostic(`--link-mechanism relay works with plain processes only, not with ${where}. ${remedy}`)];
}

/** @param way why it is the relay, and what to do where that does not serve */
export function checkRelayLinks(
  links: PlannedLinks,
  way: { readonly because: string; readonly otherwise: string },
): Diagnostic[] {
  const beyond = beyondRelay(links);
  if (beyond.length === 0) return [];
  const message = `links: the relay (used because: ${way.because}) carries TCP connections, and cannot do ${beyond.join(", ")}. Remove them from the links, or ${way.otherwise}.`;
  return [diagnostic(message)];
}

/**
 * Nodes of a host are reached at one address, so that links cannot be told apart: those between the nodes of two hosts
 * have one shape in each direction, and so have those within a host.
 */
export function checkHostLinks(
  { matrix }: PlannedLinks,
  hostOf: (node: NodeName) => string | undefined,
): Diagnostic[] {
  const first = new Map<string, { readonly shape: LinkShape; readonly pair: string }>();
  const found = new Map<string, Diagnostic>();
  for (const { from, to, shape } of linksOf(matrix)) {
    const [fromHost, toHost] = [hostOf(from), hostOf(to)];
    const key = `${fromHost} → ${toHost}`;
    const before = first.get(key);
    if (before === undefined) first.set(key, { shape, pair: `${from} → ${to}` });
    else if (!found.has(key) && JSON.stringify(before.shape) !== JSON.stringify(shape)) {
      const where = fromHost === toHost ? `within ${fromHost}` : `from ${fromHost} to ${toHost}`;
      const message = `links: the nodes of a host are reached at one address, but the links ${where} differ (${before.pair} and ${from} → ${to}). Give their links one shape, for example by regions of hosts.`;
      found.set(key, diagnostic(message));
    }
  }
  return [...found.values()];
}

/** Of links between hosts: clients reach nodes at addresses that nodes have too. */
export function checkClientLinks({ matrix }: PlannedLinks): Diagnostic[] {
  if (matrix.clients === undefined) return [];
  return [
    diagnostic(
      "links: clients cannot be shaped with hosts, where their addresses are those of nodes. Remove clients from the links.",
    ),
  ];
}
