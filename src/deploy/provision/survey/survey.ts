import { type Host, HostError } from "../../../contracts/hosts/host.ts";
import { type HostFacts, parseSurvey } from "./facts.ts";
import { surveyScript } from "./script.ts";

/** The docker command alone may take 15 s of it, several times, where its engine hangs. */
const surveyTimeoutMs = 90_000;

type SurveyedHost = Pick<Host, "name" | "description" | "exec">;

/**
 * Looks a host over in one round trip; changes nothing on it.
 *
 * @param options.root folder that stands for "/" on the host; for tests
 * @throws HostError where the host has no POSIX shell, and what the connection throws
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
  const why = said === "" ? `its shell ended with exit code ${result.exitCode}` : said;
  const message = `Cannot inspect ${host.name} (${host.description}): ${why}. It must run a POSIX shell as \`sh\` for this user, without a forced command.`;
  throw new HostError({ code: "host-survey", host: host.name, message });
}
