/** What peers say of latencies. Pure. */
export interface SaidQuantiles {
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly p999: number | undefined;
}

/** k6's `--summary-export`, with `summaryTrendStats` of k6Open: `http_req_duration`, from sent to read. */
export function parseK6Summary(text: string): SaidQuantiles {
  const { metrics } = JSON.parse(text) as { metrics?: Record<string, Record<string, number>> };
  const duration = metrics?.http_req_duration;
  return { p50: duration?.["p(50)"], p99: duration?.["p(99)"], p999: duration?.["p(99.9)"] };
}

const millisecondsPer: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

/** wrk2's `-L`: lines such as " 99.900%    6.55ms". */
export function parseWrk2Latency(text: string): SaidQuantiles {
  const at = (percent: string) => {
    const escaped = percent.replace(".", "\\.");
    const [, value, unit = ""] =
      new RegExp(`^\\s*${escaped}%\\s+([\\d.]+)(us|ms|s|m)\\s*$`, "m").exec(text) ?? [];
    return value === undefined ? undefined : Number(value) * (millisecondsPer[unit] ?? Number.NaN);
  };
  return { p50: at("50.000"), p99: at("99.000"), p999: at("99.900") };
}
