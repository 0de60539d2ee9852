/** The published form of what is known of a network's hosts: a part of a run's. */
import type { HostLink, HostPair, LinkReport } from "../../../contracts/nodes/links.ts";
import type { LinkGap, RunLinks, RunResult } from "../../../contracts/results/result.ts";
import {
  type ClockCertificate,
  type ClockReading,
  certifyClocks,
} from "../../../metrics/stats/clock-certificate.ts";
import { present, rounded } from "../numbers.ts";
import { msJson } from "./latency-json.ts";

function hostJson(host: HostLink) {
  return present({
    name: host.name,
    region: host.region,
    clock_offset_ms: msJson(host.clockOffsetMs),
    clock_error_ms: msJson(host.clockErrorMs),
    coordinator_rtt_ms: msJson(host.coordinatorRttMs),
  });
}

function pairJson({ from, to, rttMs }: HostPair) {
  return present({ from, to, rtt_ms: msJson(rttMs) });
}

function reportJson(report: LinkReport | undefined) {
  return report && { hosts: report.hosts.map(hostJson), pairs: report.pairs.map(pairJson) };
}

/** As they are published: what follows from published numbers is computed from them. */
export function roundedLinks({ before, after, betweenSecs }: RunLinks): RunLinks {
  const report = (links: LinkReport | undefined): LinkReport | undefined =>
    links && {
      ...links,
      hosts: links.hosts.map((host) => ({
        ...host,
        clockOffsetMs: msJson(host.clockOffsetMs),
        clockErrorMs: msJson(host.clockErrorMs),
      })),
    };
  return {
    before: report(before),
    after: report(after),
    betweenSecs: betweenSecs === undefined ? undefined : rounded(betweenSecs),
  };
}

function readingJson(reading: ClockReading | undefined) {
  return reading && { offset_ms: rounded(reading.offsetMs), error_ms: rounded(reading.errorMs) };
}

function clockJson(certificate: ClockCertificate) {
  return present({
    name: certificate.host,
    before: readingJson(certificate.before),
    after: readingJson(certificate.after),
    drift_ms: msJson(certificate.driftMs),
    drift_error_ms: msJson(certificate.driftErrorMs),
    stepped: certificate.stepped,
    bound_ms: msJson(certificate.boundMs),
  });
}

/** undefined where the nodes have no hosts of their own, or nothing of them could be measured. */
export function linksJson({ links }: RunResult) {
  if (links === undefined) return undefined;
  const clocks = certifyClocks(roundedLinks(links)).map(clockJson);
  return present({
    before: reportJson(links.before),
    after: reportJson(links.after),
    between_secs: links.betweenSecs === undefined ? undefined : rounded(links.betweenSecs),
    clocks: clocks.length === 0 ? undefined : clocks,
  });
}

function gapJson(gap: LinkGap) {
  return present({
    host: gap.host,
    lost_secs: rounded(gap.lostSecs),
    length_secs: gap.lengthSecs === undefined ? undefined : rounded(gap.lengthSecs),
    reason: gap.reason,
    given_up: gap.givenUp,
  });
}

/** undefined where every connection stood all the time. */
export function linkGapsJson({ linkGaps }: RunResult) {
  return linkGaps.length === 0 ? undefined : linkGaps.map(gapJson);
}
