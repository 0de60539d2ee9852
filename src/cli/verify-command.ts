import { findBundle } from "../bundle/find-bundle.ts";
import { formatJson } from "../bundle/numbers.ts";
import type { Fault } from "../core/errors.ts";
import { buildVerificationJson, formatVerification } from "../verify/report.ts";
import { verifyBundle } from "../verify/verify.ts";
import type { Verification } from "../verify/verify-bundle.ts";
import type { CommandContext, CommandRequest, ExitCode } from "./context.ts";
import { readOutputDir } from "./output-dir.ts";
import { preflight } from "./preflight.ts";
import type { Rooms } from "./rooms.ts";
import { limitsOfKept } from "./system.ts";

/** `verify BUNDLE`: computes a bundle's numbers again. Exit code 3 where one differs. */
export async function runVerify(
  { given, words, faults }: CommandRequest,
  { terminal, settings, signal }: CommandContext,
  rooms: Pick<Rooms, "openProtocol">,
): Promise<ExitCode> {
  const [word] = words;
  const place = readOutputDir(given);
  let verification: Verification | undefined;
  // What is no bundle is a fault of the command line; what is one, and differs, is a finding.
  const look = async (): Promise<readonly Fault[]> => {
    if (word === undefined) return [];
    const path = await findBundle(word, place.outputDir);
    verification = await verifyBundle(path, (kept) => limitsOfKept(kept, rooms));
    return [];
  };
  await preflight([...faults, ...place.faults], [look], signal);
  if (verification === undefined) throw new TypeError("no bundle is named, without a fault");
  terminal.print(
    settings.json
      ? formatJson(buildVerificationJson(verification)).trimEnd()
      : formatVerification(verification),
  );
  return verification.differences.length === 0 ? 0 : 3;
}
