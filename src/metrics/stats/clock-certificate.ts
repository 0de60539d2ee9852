/** What is known of the hosts' clocks over a run, from one measurement before it and one after it. */
import type { ClockCertificate, HostLink, RunLinks } from "../../contracts/nodes/links.ts";

type ClockReading = NonNullable<ClockCertificate["before"]>;

/** The most that a clock is slewed by (Linux corrects clocks by 500 ppm at most), as a share of the time that goes by. */
const largestDriftRatio = 500e-6;

/** A certificate for each host that was measured at all, in the order of the first measurement. */
export function certifyClocks(links: RunLinks): ClockCertificate[] {
  const { before, after, betweenSecs } = links;
  const reading = (hosts: readonly HostLink[] | undefined, name: string) =>
    readingOf(hosts?.find((host) => host.name === name));
  return [...hostsOf(links)].flatMap((host) => {
    const first = reading(before?.hosts, host);
    const last = reading(after?.hosts, host);
    if (first === undefined && last === undefined) return [];
    return [{ host, before: first, after: last, ...compareReadings(first, last, betweenSecs) }];
  });
}

/** Furthest that any host's clock may have been from the coordinator's; undefined where not known of every host. */
export function clockBoundMs(links: RunLinks): number | undefined {
  const hosts = hostsOf(links);
  const bounds = certifyClocks(links).flatMap(({ boundMs }) => boundMs ?? []);
  return hosts.size === 0 || bounds.length < hosts.size ? undefined : Math.max(...bounds);
}

/** Names of those that were measured at all. */
function hostsOf({ before, after }: RunLinks): Set<string> {
  return new Set([...(before?.hosts ?? []), ...(after?.hosts ?? [])].map(({ name }) => name));
}

function readingOf(host: HostLink | undefined): ClockReading | undefined {
  if (host?.clockOffsetMs === undefined || host.clockErrorMs === undefined) return undefined;
  return { offsetMs: host.clockOffsetMs, errorMs: host.clockErrorMs };
}

function compareReadings(
  first: ClockReading | undefined,
  last: ClockReading | undefined,
  betweenSecs: number | undefined,
): Pick<ClockCertificate, "driftMs" | "driftErrorMs" | "stepped" | "boundMs"> {
  if (first === undefined || last === undefined || betweenSecs === undefined) return {};
  const driftMs = last.offsetMs - first.offsetMs;
  const driftErrorMs = first.errorMs + last.errorMs;
  const stepped = Math.abs(driftMs) > driftErrorMs + betweenSecs * 1000 * largestDriftRatio;
  const furthestMs = Math.max(...[first, last].map(({ offsetMs, errorMs }) => Math.abs(offsetMs) + errorMs));
  return { driftMs, driftErrorMs, stepped, boundMs: stepped ? undefined : furthestMs };
}
