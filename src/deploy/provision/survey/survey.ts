import type { Host } from "../../../contracts/hosts/host.ts";
import { BaleenError } from "../../../core/errors.ts";
import type { HostFacts } from "./facts.ts";
import { parseSurvey } from "./parse.ts";
import { surveyScript } from "./script.ts";

/** The docker command alone may take 15 s of it, several times, where its engine hangs. */
const surveyTimeoutMs = 90_000;

class SurveyError extends BaleenError {
  readonly host: string;

  constructor(host: SurveyedHost, why: string) {
    super(
      "host-survey",
      `Cannot inspect ${host.name} (${host.description}): ${why}. ` +
        "It must run a POSIX shell as `sh` for this user, without a forced command.",
    );
    this.host = host.name;
  }
}

type SurveyedHost = Pick<Host, "name" | "description" | "exec">;

/**
 * Looks a host over in one round trip; changes nothing on it.
 *
 * @param options.root folder that stands for "/" on the host; for tests
 * @throws SurveyError where the host has no POSIX shell, and what the connection throws
 */
export async function surveyHost(
  host: SurveyedHost,
  { signal, root = "" }: { readonly signal: AbortSignal; readonly root?: string },
): Promise<HostFacts> {
  const result = await host.exec(["sh", "-s", "--", root], {
    input: surveyScript,
    timeoutMs: surveyTimeoutMs,
    signal,
    allowFailure: true,
  });
  const facts = parseSurvey(host, result.stdout);
  if (facts !== undefined) return facts;
  const said = result.stderr.trim().split("\n").slice(-3).join("; ");
  throw new SurveyError(host, said === "" ? `its shell ended with exit code ${result.exitCode}` : said);
}
