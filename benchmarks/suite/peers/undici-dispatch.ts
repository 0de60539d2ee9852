/**
 * undici's fastest way, `dispatch`, as a load generator: what is to be had from the library without a hot path of one's
 * own. One request under way per connection, an id of its own in each, replies read whole.
 *
 *     node undici-dispatch.ts PORT CONNECTIONS SECONDS
 */
import { Pool } from "undici";
import { Histogram } from "../../../src/metrics/stats/histogram.ts";
import { bodyWithId } from "./scripts.ts";

const [port, connections, seconds] = process.argv.slice(2).map(Number) as [number, number, number];
const pool = new Pool(`http://127.0.0.1:${port}`, { connections, pipelining: 1 });
const [beforeId = "", afterId = ""] = bodyWithId("#").split("#");
const headers = { "content-type": "application/json" };
const latency = new Histogram();
const endMs = performance.now() + seconds * 1000;
let id = 100_000_000;
let empty = 0;

function next(): void {
  if (performance.now() >= endMs) return;
  const body = `${beforeId}${id++}${afterId}`;
  const startMs = performance.now();
  let received = 0;
  pool.dispatch(
    { path: "/", method: "POST", headers, body },
    {
      onRequestStart: () => {},
      onResponseStart: () => {},
      onResponseData: (_controller, chunk) => {
        received += chunk.length;
      },
      onResponseEnd: () => {
        latency.record(Math.round((performance.now() - startMs) * 1000));
        if (received === 0) empty++;
        next();
      },
      onResponseError: (_controller, error) => {
        throw error;
      },
    },
  );
}

for (let connection = 0; connection < connections; connection++) next();
process.on("exit", () => process.stdout.write(`${JSON.stringify({ replies: latency.count, empty })}\n`));
