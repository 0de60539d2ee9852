import type { DeployOptions } from "../../contracts/deployment.ts";
import type { Emit, PassingBody } from "../../contracts/events.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { InvalidArgumentError } from "../../core/errors.ts";
import { programKey } from "../containers/program.ts";
import type { Engine } from "../engine/engine.ts";
import { type DistributionStep, distributeImage, type ImageSource } from "../images/distribute.ts";
import type { GroupedNode } from "../nodes/planned.ts";
import { nodesOf, type RemoteNode } from "./layout.ts";
import type { OpenHost } from "./session.ts";

export interface ImageSources {
  /** Of all the nodes' programs, by `programKey`. */
  readonly nodes: ReadonlyMap<string, ImageSource>;
  /** Whether Node.js is in the one image of all nodes. */
  readonly hasNode: boolean;
  /** Of Node.js by itself, where the nodes' images are not known to have it; undefined: it is not needed, or there is none. */
  readonly bareNode?: ImageSource | undefined;
  /** Of the link shaper; undefined where the plan has no links. */
  readonly shaper?: ImageSource | undefined;
  /** Of the clients that run on hosts. */
  readonly clients?: ImageSource | undefined;
}

export interface HostImages {
  readonly of: (node: GroupedNode) => string;
  /** One with Node.js that all hosts have, to try the ways between them; undefined: there is none. */
  readonly ways: string | undefined;
  /** The same, where the nodes' own containers will not do for it. */
  readonly probes: string | undefined;
}

/** Puts on each host what its nodes are made of. */
export async function sendImages(
  hosts: readonly OpenHost<Engine>[],
  work: {
    readonly nodes: readonly RemoteNode[];
    readonly sources: ImageSources;
    readonly options: DeployOptions;
  },
): Promise<HostImages> {
  const { nodes, sources, options } = work;
  const names = new Map<string, string>();
  for (const [key, source] of sources.nodes) {
    const used = hosts.filter((host) =>
      nodesOf(host, nodes).some(({ group }) => programKey(group.program) === key),
    );
    names.set(key, await sendImage(used, source, options));
  }
  const probes =
    sources.bareNode && (await sendImage(hosts, sources.bareNode, options, "the image with Node.js"));
  const [own] = sources.hasNode ? names.values() : [];
  return {
    of: ({ name, group }) => {
      const image = names.get(programKey(group.program));
      if (image === undefined) throw new InvalidArgumentError(`There is no image for ${name}.`);
      return image;
    },
    ways: probes ?? own,
    probes,
  };
}

/**
 * Puts an image on hosts, and tells how far it has come.
 *
 * @param what for people
 */
export async function sendImage(
  hosts: readonly OpenHost<Engine>[],
  source: ImageSource,
  options: Pick<DeployOptions, "run" | "signal" | "emit">,
  what = "the image",
): Promise<string> {
  const shown = new Map<string, number>();
  const reportTransfer = openImageTransfers(options.emit, systemClock);
  return distributeImage(
    hosts.map(({ spec, engine }) => ({ name: spec.name, engine })),
    source,
    {
      run: options.run,
      signal: options.signal,
      onProgress: (host, step) => {
        const line = describeDistribution(what, step, shown.get(host));
        if (line !== undefined) options.emit({ type: "network-step", step: `${host}: ${line}`, host });
        if (step.kind !== "sent") return;
        shown.set(host, quarterOf(step));
        const { sentBytes, totalBytes } = step;
        reportTransfer({ type: "image-transfer", host, sentBytes, totalBytes });
      },
    },
  );
}

function quarterOf({ sentBytes, totalBytes }: { sentBytes: number; totalBytes: number }): number {
  return Math.floor((4 * sentBytes) / Math.max(1, totalBytes));
}

/** A line now and then: at the beginning and after each quarter. */
function describeDistribution(
  what: string,
  step: DistributionStep,
  shownQuarter: number | undefined,
): string | undefined {
  switch (step.kind) {
    case "present":
      return `${what} is already there`;
    case "verified":
      return `${what} arrived intact`;
    case "step":
      return step.line;
    case "sent": {
      const quarter = quarterOf(step);
      if (quarter === shownQuarter) return undefined;
      return `sending ${what}, ${25 * quarter} % of ${(step.totalBytes / 1e6).toFixed(0)} MB`;
    }
  }
}

type ImageTransfer = Extract<PassingBody, { readonly type: "image-transfer" }>;

/** Shortest time between what is told of a host's transfer, but for its end. */
const reportEveryMs = 250;

/** Tells how far images on their way to hosts have come: four times a second for each, and always its end. */
export function openImageTransfers(emit: Emit, clock: Clock): (transfer: ImageTransfer) => void {
  const reportedMs = new Map<string, number>();
  return (transfer) => {
    const nowMs = clock.monotonicMs();
    const isEarly = nowMs - (reportedMs.get(transfer.host) ?? Number.NEGATIVE_INFINITY) < reportEveryMs;
    if (isEarly && transfer.sentBytes < transfer.totalBytes) return;
    reportedMs.set(transfer.host, nowMs);
    emit(transfer);
  };
}
