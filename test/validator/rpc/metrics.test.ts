import { expect, onTestFinished, test } from "vitest";
import { formatMetrics } from "../../../src/validator/node/metric.ts";
import { startMetricsServer } from "../../../src/validator/rpc/index.ts";
import { openMemoryChain } from "./memory-chain.ts";
import { get, serve } from "./running.ts";

test("serves the chain's figures, on both ports alike", async () => {
  const chain = openMemoryChain({
    metrics: [
      {
        name: "committed_leaders_total",
        help: "Committed leaders.",
        type: "counter",
        samples: [
          { labels: { authority: "0", commit_type: "direct-commit" }, value: 3 },
          { labels: { authority: "1", commit_type: "direct-skip" }, value: 1 },
        ],
      },
      {
        name: "cometbft_consensus_block_interval_seconds",
        help: "Time between blocks.",
        type: "histogram",
        samples: [
          { suffix: "_bucket", labels: { le: "+Inf" }, value: 2 },
          { suffix: "_sum", labels: {}, value: 0.25 },
          { suffix: "_count", labels: {}, value: 2 },
        ],
      },
    ],
  });
  const rpc = await serve(chain);
  const metrics = await startMetricsServer({ chain, host: "127.0.0.1", port: 0, log: () => {} });
  onTestFinished(() => metrics.close());
  const response = await fetch(`http://127.0.0.1:${metrics.port}/metrics`);
  expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
  const text = await response.text();
  expect(text).toBe(`# HELP committed_leaders_total Committed leaders.
# TYPE committed_leaders_total counter
committed_leaders_total{authority="0",commit_type="direct-commit"} 3
committed_leaders_total{authority="1",commit_type="direct-skip"} 1
# HELP cometbft_consensus_block_interval_seconds Time between blocks.
# TYPE cometbft_consensus_block_interval_seconds histogram
cometbft_consensus_block_interval_seconds_bucket{le="+Inf"} 2
cometbft_consensus_block_interval_seconds_sum 0.25
cometbft_consensus_block_interval_seconds_count 2
`);
  expect(await get(`${rpc.url}/metrics`)).toMatchObject({ status: 200, text });
  expect((await get(`http://127.0.0.1:${metrics.port}/other`)).status).toBe(404);
});

test("escapes what Prometheus' text form must escape", () => {
  const text = formatMetrics([
    {
      name: "x",
      help: "two\nlines \\",
      type: "gauge",
      samples: [
        { labels: { a: 'q"\n\\' }, value: Number.NaN },
        { labels: {}, value: Number.POSITIVE_INFINITY },
      ],
    },
  ]);
  expect(text).toBe('# HELP x two\\nlines \\\\\n# TYPE x gauge\nx{a="q\\"\\n\\\\"} NaN\nx +Inf\n');
});
