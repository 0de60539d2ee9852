// Makes its own load: RATE transactions per second of TRANSACTION_BYTES bytes. Each is committed DELAY_MS later, and
// hashed into a chain. GET /metrics serves the counters in Prometheus' text format; GET /health answers 200.
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";

const [host, port] = process.argv.slice(2);
const rate = Number(process.env.RATE);
const bytes = Number(process.env.TRANSACTION_BYTES);
const delayMs = Number(process.env.DELAY_MS);
const edgesSecs = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const everyMs = 5;

const counts = new Array(edgesSecs.length + 1).fill(0);
const waiting = [];
let [submitted, committed, sumSecs, squares] = [0, 0, 0, 0];
let chain = Buffer.alloc(32);
const startedMs = performance.now();

setInterval(() => {
  const nowMs = performance.now();
  const dueTransactions = Math.floor(((nowMs - startedMs) / 1000) * rate);
  while (submitted < dueTransactions) {
    submitted += 1;
    // Latency counts from the due time, even if this timer is late.
    waiting.push({ transaction: randomBytes(bytes), dueMs: startedMs + (submitted / rate) * 1000 });
  }
  while (waiting.length > 0 && waiting[0].dueMs + delayMs <= nowMs) commit(waiting.shift());
}, everyMs);

function commit({ transaction, dueMs }) {
  chain = createHash("sha256").update(chain).update(transaction).digest();
  const secs = (performance.now() - dueMs) / 1000;
  const place = edgesSecs.findIndex((edge) => secs <= edge);
  counts[place < 0 ? edgesSecs.length : place] += 1;
  committed += 1;
  sumSecs += secs;
  squares += secs * secs;
}

function metrics() {
  const lines = [];
  const counter = (name, value) => lines.push(`# TYPE ${name} counter`, `${name} ${value}`);
  counter("pulse_submitted_transactions_total", submitted);
  counter("pulse_committed_transactions_total", committed);
  counter("pulse_committed_bytes_total", committed * bytes);
  counter("pulse_commit_latency_seconds_squared_total", squares);
  lines.push("# TYPE pulse_commit_latency_seconds histogram");
  let upTo = 0;
  for (const [place, count] of counts.entries()) {
    upTo += count;
    lines.push(`pulse_commit_latency_seconds_bucket{le="${edgesSecs[place] ?? "+Inf"}"} ${upTo}`);
  }
  lines.push(
    `pulse_commit_latency_seconds_sum ${sumSecs}`,
    `pulse_commit_latency_seconds_count ${committed}`,
  );
  return `${lines.join("\n")}\n`;
}

createServer((request, response) => {
  const isKnown = request.url === "/health" || request.url === "/metrics";
  response.writeHead(isKnown ? 200 : 404, { "content-type": "text/plain; version=0.0.4" });
  if (!isKnown) return response.end("no such place\n");
  response.end(request.url === "/health" ? "well\n" : metrics());
}).listen({ host, port: Number(port) }, () => console.log(`listening on ${host}:${port}`));
