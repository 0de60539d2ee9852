import type { Diagnostic } from "../../../core/errors.ts";
import type { RunLeftovers } from "../../../deploy/deployers.ts";
import { boolean, type Given, openReader, text } from "../../../options/rules/rule.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";

interface CleanOptions {
  /** Remove everything listed. */
  readonly yes: boolean;
  /** Remove what this run left. */
  readonly run: string | undefined;
  readonly images: boolean;
}

/** `clean`: lists what killed or kept runs left; removes it with --yes, or one run's with --run. */
export async function runClean(
  request: CommandRequest,
  context: CommandContext,
  backend: CommandBackend,
): Promise<ExitCode> {
  const { options, diagnostics } = readOptions(request.given);
  const { signal } = context;
  let found: readonly RunLeftovers[] = [];
  const look = async (): Promise<readonly Diagnostic[]> => {
    found = await backend.listLeftovers(signal);
    const asked = options.run === undefined ? undefined : found.find(({ run }) => run === options.run);
    return options.run === undefined ? [] : refusal(options.run, asked);
  };
  await preflight([...request.diagnostics, ...diagnostics], [look], signal);
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
  context.terminal.print(context.settings.json ? `${JSON.stringify(report, null, 2)}` : formatReport(report));
  return 0;
}

function refusal(run: string, asked: RunLeftovers | undefined): readonly Diagnostic[] {
  if (asked === undefined) {
    const message = `--run ${run}: nothing of such a run is here. List what there is with: npx baleen clean`;
    return [{ code: "unknown-run", message }];
  }
  if (!asked.inUse) return [];
  return [
    { code: "run-in-use", message: `--run ${run}: that run is under way. Stop it first, with Ctrl-C.` },
  ];
}

function readOptions(given: Readonly<Record<string, Given>>): {
  options: CleanOptions;
  diagnostics: readonly Diagnostic[];
} {
  const { read, diagnostics } = openReader();
  const options = {
    yes: read(boolean, given.yes, false),
    run: read(text("a run's id", 64), given.run, undefined),
    images: read(boolean, given.images, false),
  };
  return { options, diagnostics };
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
    const state = inUse ? "under way, left alone" : removed.includes(run) ? "removed" : "left";
    return [`Run ${run} (${state}):`, ...what.map((thing) => `  ${thing}`)];
  });
  if (images.length > 0) {
    const gone = new Set(removal?.removed);
    const busy = new Set(removal?.inUse);
    const state = (image: string) =>
      gone.has(image) ? ": removed" : busy.has(image) ? ": in use, kept" : "";
    lines.push("Images:", ...images.map((image) => `  ${image}${state(image)}`));
  }
  const stays = listed.some(({ run, inUse }) => !inUse && !removed.includes(run));
  if (stays || (images.length > 0 && removal === undefined)) {
    lines.push("", "Remove all of it with --yes, or one run's with --run ID.");
  }
  return lines.join("\n");
}
