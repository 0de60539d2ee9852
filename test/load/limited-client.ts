/** A client as a process of its own, for tests that limit it: takes the ports of its targets, prints what it found. */
import { planFor, run } from "./setting.ts";

const targets = process.argv.slice(2).map((port, index) => ({
  node: `node${index}`,
  rpc: { host: "127.0.0.1", port: Number(port) },
}));
const { report } = await run(planFor(targets, { warmUpMs: 0, requestTimeoutMs: 60_000, drainMs: 100 }));
process.stdout.write(JSON.stringify({ ledger: report.ledger, rejections: [...report.rejections] }));
process.exit(0);
