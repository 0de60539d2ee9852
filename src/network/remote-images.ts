import type { DeployOptions } from "../contracts/deployment.ts";
import { type DistributionStep, distributeImage, type ImageSource } from "../docker/distribute.ts";
import type { ReadyHost } from "./remote-session.ts";

/** Puts an image on hosts, and tells how far it has come. */
export async function sendImage(
  hosts: readonly ReadyHost[],
  source: ImageSource,
  options: Pick<DeployOptions, "run" | "signal" | "emit">,
): Promise<string> {
  const shown = new Map<string, number>();
  return distributeImage(
    hosts.map(({ spec, engine }) => ({ name: spec.name, engine })),
    source,
    {
      run: options.run,
      signal: options.signal,
      onProgress: (host, step) => {
        const line = describeDistribution(step, shown.get(host));
        if (step.kind === "sent") shown.set(host, quarterOf(step));
        if (line !== undefined) options.emit({ type: "network-step", step: `${host}: ${line}` });
      },
    },
  );
}

function quarterOf({ sentBytes, totalBytes }: { sentBytes: number; totalBytes: number }): number {
  return Math.floor((4 * sentBytes) / Math.max(1, totalBytes));
}

/** A line now and then: at the beginning and after each quarter. */
function describeDistribution(step: DistributionStep, shownQuarter: number | undefined): string | undefined {
  switch (step.kind) {
    case "present":
      return "the image is there already";
    case "verified":
      return "the image has arrived whole";
    case "step":
      return step.line;
    case "sent": {
      const quarter = quarterOf(step);
      if (quarter === shownQuarter) return undefined;
      return `sending the image, ${25 * quarter} % of ${(step.totalBytes / 1e6).toFixed(0)} MB`;
    }
  }
}
