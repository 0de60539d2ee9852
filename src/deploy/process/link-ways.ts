import { existsSync } from "node:fs";
import type { PlannedLinks } from "../../contracts/links/shaping.ts";
import type { Environment } from "../../core/process/environment.ts";
import { ownArchitecture } from "../images/node-runtime.ts";
import { findNamespaceTools, type NamespaceTools } from "../links/namespaces/tools.ts";
import { kernelMechanism } from "../links/plan.ts";
import { checkShaperPackages, shaperEntry } from "../links/program.ts";
import { whyNotShaped } from "../links/trial.ts";

/** How the links between plain processes are made. */
export type LinkWay =
  | { readonly kind: "namespaces"; readonly because: string; readonly tools: NamespaceTools }
  | {
      readonly kind: "relay";
      /** A clause. */
      readonly because: string;
      /** What to do where the relay does not serve; completes "Remove them, or …". */
      readonly otherwise: string;
    };

/** Chooses by trial; the same links give the same way. */
export type LinkWays = (links: PlannedLinks) => Promise<LinkWay>;

/** Namespaces where they can be made and the kernel can shape what is between them, unless the relay is asked for. */
export function openLinkWays(deployer: { readonly nodeBinary: string; readonly env: Environment }): LinkWays {
  const trials = new Map<ReturnType<typeof kernelMechanism>, Promise<string | undefined>>();
  const tryShaper = (links: PlannedLinks) => {
    const mechanism = kernelMechanism(links);
    const trial = trials.get(mechanism) ?? whyNotShaped({ ...deployer, mechanism });
    trials.set(mechanism, trial);
    return trial;
  };
  return async (links) => {
    if (links.mechanism === "relay") {
      return { kind: "relay", because: "--link-mechanism relay", otherwise: "use another --link-mechanism" };
    }
    const tools = await findNamespaceTools();
    if (typeof tools === "string") {
      return { kind: "relay", because: tools, otherwise: "run as root on Linux, or use --runtime docker" };
    }
    // What is not installed or built here says nothing about the kernel: it is to be reported, not circumvented.
    const isPresent = existsSync(shaperEntry) && checkShaperPackages(ownArchitecture()).length === 0;
    const because = isPresent ? await tryShaper(links) : undefined;
    if (because === undefined) return { kind: "namespaces", because: "root, ip, nsenter and unshare", tools };
    return { kind: "relay", because, otherwise: "use a machine where netem or nfqueue works" };
  };
}
