import type { RunLeftovers } from "../../../contracts/hosts/host-report.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { preflightLook, refuse } from "../../../run/prepare/preflight.ts";
import { readOwn } from "../../options/command-options.ts";
import { type Command, printFound } from "../../terminal/context.ts";

/** `clean`: lists what killed or kept runs left; removes it with --yes, or one run's with --run. */
export const runClean: Command = async (request, context, backend) => {
  const options = readOwn(request, { yes: false, run: undefined, images: false });
  const { signal } = context;
  const look = async () => {
    const left = await backend.listLeftovers(signal);
    if (options.run !== undefined) refuse(refusal(options.run, left));
    return left;
  };
  const found = await preflightLook(request.diagnostics, look, signal);
  const listed = found.filter(({ run }) => options.run === undefined || run === options.run);
  const images = options.images ? await backend.listImages(signal) : [];
  const removed: string[] = [];
  for (const { run, inUse } of listed) {
    if (inUse || !(options.yes || options.run === run)) continue;
    await backend.removeLeftovers(run, signal);
    removed.push(run);
  }
  const removal = options.images && options.yes ? await backend.removeImages(signal) : undefined;
  const report = { listed, images, removed, removal };
  printFound(context, () => report, formatReport(report));
  return 0;
};

function refusal(run: string, left: readonly RunLeftovers[]): readonly Diagnostic[] {
  const asked = left.find((one) => one.run === run);
  if (asked === undefined) {
    const message = `--run ${run}: this run left nothing here. List what is left with: npx baleen clean`;
    return [{ code: "unknown-run", message }];
  }
  if (!asked.inUse) return [];
  return [
    { code: "run-in-use", message: `--run ${run}: this run is still running. Stop it first with Ctrl-C.` },
  ];
}

interface CleanReport {
  readonly listed: readonly RunLeftovers[];
  readonly images: readonly string[];
  readonly removed: readonly string[];
  readonly removal: { readonly removed: readonly string[]; readonly inUse: readonly string[] } | undefined;
}

function formatReport({ listed, images, removed, removal }: CleanReport): string {
  if (listed.length === 0 && images.length === 0) return "Nothing is left on this machine.";
  const lines = listed.flatMap(({ run, inUse, what }) => {
    const state = inUse ? "still running, not touched" : removed.includes(run) ? "removed" : "left";
    return [`Run ${formatForeign(run)} (${state}):`, ...what.map((thing) => `  ${formatForeign(thing)}`)];
  });
  if (images.length > 0) {
    const gone = new Set(removal?.removed);
    const busy = new Set(removal?.inUse);
    const state = (image: string) =>
      gone.has(image) ? ": removed" : busy.has(image) ? ": in use, kept" : "";
    lines.push("Images:", ...images.map((image) => `  ${formatForeign(image)}${state(image)}`));
  }
  const stays = listed.some(({ run, inUse }) => !inUse && !removed.includes(run));
  if (stays || (images.length > 0 && removal === undefined)) {
    lines.push("", "Remove everything with --yes, or what one run left with --run ID.");
  }
  return lines.join("\n");
}
