/** The published form of a load profile and of what was found in its parts, and back. */
import type { LoadPhase, LoadProfile, OpenProfile } from "../../../contracts/load/load-profile.ts";
import type { PhaseResult } from "../../../contracts/results/result.ts";
import type { Fields } from "../fields.ts";
import { present, rounded } from "../numbers.ts";
import { latencyJson } from "./latency-json.ts";
import { parseLatency } from "./parse-latency.ts";

export function profileJson(profile: LoadProfile): Readonly<Record<string, unknown>> {
  switch (profile.kind) {
    case "phases":
      return {
        kind: profile.kind,
        phases: profile.phases.map(({ name, durationSecs, profile: own }) => ({
          name,
          duration_secs: durationSecs,
          profile: profileJson(own),
        })),
      };
    case "bursts": {
      const { kind, base, burst, burstSecs, periodSecs } = profile;
      return { kind, base, burst, burst_secs: burstSecs, period_secs: periodSecs };
    }
    case "sine":
      return { kind: profile.kind, from: profile.from, to: profile.to, period_secs: profile.periodSecs };
    case "trace":
      return { kind: profile.kind, points: profile.points.map(({ second, level }) => ({ second, level })) };
    default:
      return { ...profile };
  }
}

/** @throws FormError */
export function parseProfile(fields: Fields): LoadProfile {
  const kind = fields.choice(
    "kind",
    "constant",
    "ramp",
    "steps",
    "bursts",
    "sine",
    "trace",
    "phases",
    "closed",
  );
  if (kind === "closed") return { kind };
  if (kind === "phases") return { kind, phases: fields.objects("phases", parsePhase) };
  return parseOpen(kind, fields);
}

function parsePhase(fields: Fields): LoadPhase {
  const own = fields.object("profile");
  const kind = own.choice("kind", "constant", "ramp", "steps", "bursts", "sine", "trace");
  return {
    name: fields.text("name"),
    durationSecs: fields.number("duration_secs"),
    profile: parseOpen(kind, own),
  };
}

function parseOpen(kind: OpenProfile["kind"], fields: Fields): OpenProfile {
  switch (kind) {
    case "constant":
      return { kind, level: fields.number("level") };
    case "ramp":
      return { kind, from: fields.number("from"), to: fields.number("to") };
    case "steps":
      return { kind, levels: fields.list("levels", (level) => Number(level)) };
    case "bursts":
      return {
        kind,
        base: fields.number("base"),
        burst: fields.number("burst"),
        burstSecs: fields.number("burst_secs"),
        periodSecs: fields.number("period_secs"),
      };
    case "sine":
      return {
        kind,
        from: fields.number("from"),
        to: fields.number("to"),
        periodSecs: fields.number("period_secs"),
      };
    case "trace":
      return {
        kind,
        points: fields.objects("points", (point) => ({
          second: point.number("second"),
          level: point.number("level"),
        })),
      };
  }
}

/** Its rates follow from its counts and its times as they are published; they stand here for those who only read. */
export function phaseJson(phase: PhaseResult) {
  const [fromSecs, toSecs] = [rounded(phase.fromSecs), rounded(phase.toSecs)];
  const rate = (count: number) => (toSecs > fromSecs ? rounded(count / (toSecs - fromSecs)) : undefined);
  return present({
    name: phase.name,
    from_secs: fromSecs,
    to_secs: toSecs,
    offered_load: rate(phase.scheduled),
    throughput: rate(phase.observed),
    scheduled_transactions: phase.scheduled,
    successful_transactions: phase.successful,
    failed_transactions: phase.scheduled - phase.successful,
    observed: phase.observed,
    latency: latencyJson(phase.latency),
  });
}

export function parsePhaseResult(fields: Fields): PhaseResult {
  return {
    name: fields.text("name"),
    fromSecs: fields.number("from_secs"),
    toSecs: fields.number("to_secs"),
    scheduled: fields.count("scheduled_transactions"),
    successful: fields.count("successful_transactions"),
    observed: fields.count("observed"),
    latency: parseLatency(fields.object("latency")),
  };
}
