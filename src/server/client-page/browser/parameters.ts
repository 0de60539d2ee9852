/** What the address of the page asks for. Pure. */
import { usualSubmitIntervalMs } from "../../../contracts/peer-tests/routines.ts";

export interface PageParameters {
  readonly testDurationMs: number;
  readonly statsSubmitIntervalMs: number;
  readonly lighthouseUrl: string;
  readonly statsServerUrl: string;
  /** undefined: the routine runs at once, and nothing is submitted. */
  readonly testId: string | undefined;
  /** undefined: a random one. */
  readonly peerId: string | undefined;
  /** By its name. */
  readonly routine: string;
  /** That the peer sends; undefined: as many as the routine usually does. */
  readonly messagesPerSec: number | undefined;
  /** STUN and TURN servers; by default none, as peers of one network need none. */
  readonly iceServers: readonly string[];
}

const longestDurationSecs = 7 * 24 * 3600;
const mostMessagesPerSec = 10_000;

/** @param query of the page's address @throws Error with everything that is wrong in it */
export function parseParameters(query: URLSearchParams): PageParameters {
  const problems: string[] = [];
  const text = (name: string) => query.get(name) || undefined;
  const number = (name: string, usual: number, range: readonly [number, number]) => {
    const value = Number(text(name) ?? usual);
    if (value >= range[0] && value <= range[1]) return value;
    problems.push(`${name}: expected a number from ${range[0]} to ${range[1]}`);
    return usual;
  };
  const rate = (name: string) => {
    const given = text(name);
    if (given === undefined) return undefined;
    const value = Number(given);
    if (value > 0 && value <= mostMessagesPerSec) return value;
    problems.push(`${name}: expected a number above 0, at most ${mostMessagesPerSec}`);
    return undefined;
  };
  const url = (name: string, usual: string) => {
    const value = text(name) ?? usual;
    if (!/^https?:$/.test(URL.canParse(value) ? new URL(value).protocol : "")) {
      problems.push(`${name}: expected an http or https URL`);
    }
    return value.replace(/\/+$/, "");
  };
  const parameters: PageParameters = {
    testDurationMs: 1000 * number("testDuration", 180, [0.1, longestDurationSecs]),
    statsSubmitIntervalMs: number("statsSubmitInterval", usualSubmitIntervalMs, [100, 3_600_000]),
    lighthouseUrl: url("lighthouseUrl", "http://localhost:9000"),
    statsServerUrl: url("statsServerUrl", "http://localhost:9904"),
    testId: text("testId"),
    peerId: text("peerId"),
    routine: text("routine") ?? "comms",
    messagesPerSec: rate("messagesPerSec"),
    iceServers: query.getAll("iceServer"),
  };
  if (problems.length > 0) throw new Error(problems.join("; "));
  return parameters;
}
