import type { Host } from "../contracts/host.ts";
import type { HostFacts } from "./facts.ts";

/**
 * Looks a host over in one round trip; changes nothing on it.
 *
 * @throws SurveyError where the host has no POSIX shell or it did not end well, and what the connection throws
 */
export function surveyHost(_host: Host, _options: { signal: AbortSignal }): Promise<HostFacts> {
  return Promise.reject(new Error("not written yet"));
}
