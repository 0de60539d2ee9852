import { buildVerificationJson, formatVerification } from "../../../results/verify/report.ts";
import { verifyBundle } from "../../../results/verify/verify.ts";
import { limitsOfKept } from "../../../run/prepare/system.ts";
import { type Command, printFound } from "../../terminal/context.ts";
import { lookAtBundle } from "./named-bundle.ts";

/** `verify BUNDLE`: computes a bundle's numbers again. Exit code 3 where one differs. */
export const runVerify: Command = async (request, context, backend) => {
  // What is no bundle is a diagnostic of the command line; what is one, and differs, is a finding.
  const look = (path: string) => verifyBundle(path, (kept) => limitsOfKept(kept, backend));
  const verification = await lookAtBundle(request, look, context.signal);
  printFound(context, () => buildVerificationJson(verification), formatVerification(verification));
  return verification.differences.length === 0 ? 0 : 3;
};
