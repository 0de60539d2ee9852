/** What emulated links say against a run. Pure. */
import type { LinkFailure } from "../../../contracts/results/links/link-certificate.ts";
import type { RunResult } from "../../../contracts/results/result.ts";
import { rounded } from "../../../core/documents/numbers.ts";

type LinkEvidence = Pick<RunResult, "linkCertificate" | "linkChanges">;

/** Failures that the verdict names; the certificate has more. */
const namedFailures = 5;

const places = { before: "before the run", during: "during the run", after: "after the run" } as const;

/** What makes a run invalid: changes that failed, and links that were not as asked. */
export function linkReasons({ linkChanges, linkCertificate }: LinkEvidence): string[] {
  const failed = linkChanges.flatMap(({ action, what, askedSecs, failure }) =>
    failure === undefined
      ? []
      : [
          `links (${what}) were to change (${action}) ${rounded(askedSecs).toFixed(1)} s into the window and did not: ${failure}`,
        ],
  );
  const { failures = [], failedLinks = 0 } = linkCertificate ?? {};
  const named = failures.slice(0, namedFailures);
  const namedLinks = new Set(
    named.filter(({ from }) => from !== undefined).map(({ from, to }) => `${from} ${to}`),
  );
  const more = failedLinks - namedLinks.size;
  return [
    ...failed,
    ...named.map(failureText),
    ...(more > 0 ? [`${more} more ${more === 1 ? "link was" : "links were"} not as asked`] : []),
  ];
}

function failureText({ from, to, when, reason }: LinkFailure): string {
  const what =
    from === undefined ? "the links were not as asked" : `the link from ${from} to ${to} was not as asked`;
  return `${what} ${places[when]}: ${reason}`;
}

interface Lateness {
  readonly lateP99Ms?: number | undefined;
  readonly lateLimitMs: number;
}

/** Packets that the shaper let through late make delays longer than was asked for. */
export function shaperLimits({ linkCertificate }: LinkEvidence) {
  const { shaper, moves } = linkCertificate ?? {};
  const late = (what: string, { lateP99Ms, lateLimitMs }: Lateness) =>
    lateP99Ms === undefined || lateP99Ms <= lateLimitMs
      ? []
      : [`${what} late: p99 ${lateP99Ms.toFixed(1)} ms, limit ${lateLimitMs.toFixed(1)} ms`];
  return [
    ...(shaper === undefined ? [] : late("the link shaper was", shaper)),
    ...(moves === undefined ? [] : late("links followed nodes that moved", moves)),
  ].map((reason) => ({ reason, isLate: true, isOfShaper: true }) as const);
}
