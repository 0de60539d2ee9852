import type { Host } from "../../../contracts/hosts/host.ts";
import { BaleenError } from "../../../core/errors.ts";
import type { HostFacts } from "./facts.ts";
import { parseSurvey, parseSurveyLines } from "./parse.ts";
import { surveyScript } from "./script.ts";

/** The docker command alone may take 15 s of it, several times, where its engine hangs. */
const surveyTimeoutMs = 90_000;

/** A host could not be looked over. */
export class SurveyError extends BaleenError {
  readonly host: string;

  constructor(host: SurveyedHost, why: string) {
    super(
      "host-survey",
      `Cannot look over ${host.name} (${host.description}): ${why}. ` +
        "It must run a POSIX shell as `sh` for this user, without a forced command.",
    );
    this.host = host.name;
  }
}

/** What a survey needs of a host. */
export type SurveyedHost = Pick<Host, "name" | "description" | "exec">;

export interface SurveyOptions {
  readonly signal: AbortSignal;
  /** Folder that stands for "/" on the host; for tests. */
  readonly root?: string | undefined;
}

/**
 * Looks a host over in one round trip; changes nothing on it.
 *
 * @throws SurveyError where the host has no POSIX shell, and what the connection throws
 */
export async function surveyHost(host: SurveyedHost, options: SurveyOptions): Promise<HostFacts> {
  const result = await host.exec(["sh", "-s", "--", options.root ?? ""], {
    input: surveyScript,
    timeoutMs: surveyTimeoutMs,
    signal: options.signal,
    allowFailure: true,
  });
  const lines = parseSurveyLines(result.stdout);
  if (lines === undefined) {
    const said = result.stderr.trim().split("\n").slice(-3).join("; ");
    throw new SurveyError(host, said === "" ? `its shell ended with exit code ${result.exitCode}` : said);
  }
  return parseSurvey(host, lines);
}
