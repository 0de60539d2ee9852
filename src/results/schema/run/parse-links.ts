/** The inverse of links-json.ts. */
import type { LinkReport } from "../../../contracts/nodes/links.ts";
import type { LinkGap, RunResult } from "../../../contracts/results/result.ts";
import type { Fields } from "../fields.ts";

function parseReport(fields: Fields): LinkReport {
  return {
    hosts: fields.objects("hosts", (host) => ({
      name: host.text("name"),
      region: host.textIfAny("region"),
      clockOffsetMs: host.numberIfAny("clock_offset_ms"),
      clockErrorMs: host.numberIfAny("clock_error_ms"),
      coordinatorRttMs: host.numberIfAny("coordinator_rtt_ms"),
    })),
    pairs: fields.objects("pairs", (pair) => ({
      from: pair.text("from"),
      to: pair.text("to"),
      rttMs: pair.numberIfAny("rtt_ms"),
    })),
  };
}

export function parseLinks(run: Fields): Pick<RunResult, "links"> {
  const report = (links: Fields, key: string) =>
    links.optional(key, (name) => parseReport(links.object(name)));
  const links = run.optional("links", (key) => run.object(key));
  return links === undefined
    ? {}
    : {
        links: {
          before: report(links, "before"),
          after: report(links, "after"),
          betweenSecs: links.numberIfAny("between_secs"),
        },
      };
}

export function parseLinkGaps(run: Fields): LinkGap[] {
  if (!run.has("link_gaps")) return [];
  return run.objects("link_gaps", (gap) => ({
    host: gap.text("host"),
    lostSecs: gap.number("lost_secs"),
    lengthSecs: gap.numberIfAny("length_secs"),
    reason: gap.text("reason"),
    givenUp: gap.flag("given_up"),
  }));
}
