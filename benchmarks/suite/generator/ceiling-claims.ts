/** What the tool's transports are held to, as ratios in one run. Pure. */
import type { Claim } from "./findings.ts";
import { median } from "./options.ts";
import type { Throughput } from "./throughput.ts";

interface Asked {
  readonly ours: string;
  readonly other: string;
  readonly atLeast: number;
}

/** The names are those of ceiling.ts. */
const many = "baleen http, 2 × 512";
const undici = "undici dispatch, 50 connections, unique ids";
const asked: readonly Asked[] = [
  { ours: many, other: undici, atLeast: 27 },
  { ours: many, other: "autocannon, 50 × 10, unique ids", atLeast: 50 },
  { ours: many, other: "autocannon, 50 connections, unique ids", atLeast: 50 },
  { ours: many, other: "wrk, 4 × 64, static", atLeast: 0.6 },
  { ours: "baleen http, 4 × 64", other: "wrk, 4 × 64, static", atLeast: 0.6 },
  { ours: "baleen http, 50 × 1", other: "wrk, 50 connections, unique ids", atLeast: 1.05 },
  // Above 1,000,000 on a machine where undici reaches 36,000.
  { ours: "baleen http-batch, 2 × 50 × 10", other: undici, atLeast: 27 },
  { ours: "baleen websocket, 4 × 256", other: undici, atLeast: 27 },
];

/** A ratio is taken within each round, where the machine was the same; its median counts. */
export function ceilingClaims(measured: ReadonlyMap<string, readonly Throughput[]>): Claim[] {
  return asked.map(({ ours, other, atLeast }) => {
    const [own, others] = [measured.get(ours) ?? [], measured.get(other) ?? []];
    const rounds = Math.min(own.length, others.length);
    const ratiosOf = (pick: (ours: Throughput, other: Throughput) => number) =>
      Array.from({ length: rounds }, (_, round) =>
        pick(own[round] as Throughput, others[round] as Throughput),
      );
    const ratios = ratiosOf((mine, theirs) => mine.tps / theirs.tps);
    // Where others used the machine, what was sent says less than what it took.
    const byCpu = median(ratiosOf((mine, theirs) => theirs.cpuUs / mine.cpuUs));
    const ratio = median(ratios);
    const what = `${ours}, against ${other}`;
    if (rounds === 0) {
      return { what, asked: `≥ ${atLeast} ×`, measured: "one of them was not measured", holds: undefined };
    }
    const shown = `${ratio.toPrecision(3)} × (${ratios.map((each) => each.toPrecision(3)).join(", ")}); by CPU time ${byCpu.toPrecision(3)} ×`;
    return { what, asked: `≥ ${atLeast} ×`, measured: shown, holds: ratio >= atLeast };
  });
}
