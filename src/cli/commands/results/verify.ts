import { formatJson } from "../../../core/documents/numbers.ts";
import type { Diagnostic } from "../../../core/errors.ts";
import { findBundle } from "../../../results/bundle/find-bundle.ts";
import { buildVerificationJson, formatVerification } from "../../../results/verify/report.ts";
import { verifyBundle } from "../../../results/verify/verify.ts";
import type { Verification } from "../../../results/verify/verify-bundle.ts";
import { preflight } from "../../../run/prepare/preflight.ts";
import { limitsOfKept } from "../../../run/prepare/system.ts";
import { readOutputDir } from "../../options/output-dir.ts";
import type { CommandBackend } from "../../terminal/backend.ts";
import type { CommandContext, CommandRequest, ExitCode } from "../../terminal/context.ts";

/** `verify BUNDLE`: computes a bundle's numbers again. Exit code 3 where one differs. */
export async function runVerify(
  { given, words, diagnostics }: CommandRequest,
  { terminal, settings, signal }: CommandContext,
  backend: Pick<CommandBackend, "openProtocol">,
): Promise<ExitCode> {
  const [word] = words;
  const place = readOutputDir(given);
  let verification: Verification | undefined;
  // What is no bundle is a diagnostic of the command line; what is one, and differs, is a finding.
  const look = async (): Promise<readonly Diagnostic[]> => {
    if (word === undefined) return [];
    const path = await findBundle(word, place.outputDir);
    verification = await verifyBundle(path, (kept) => limitsOfKept(kept, backend));
    return [];
  };
  await preflight([...diagnostics, ...place.diagnostics], [look], signal);
  if (verification === undefined) throw new TypeError("no bundle is named, without a fault");
  terminal.print(
    settings.json
      ? formatJson(buildVerificationJson(verification)).trimEnd()
      : formatVerification(verification),
  );
  return verification.differences.length === 0 ? 0 : 3;
}
