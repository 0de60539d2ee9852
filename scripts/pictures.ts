// Draws the pictures of README.md and docs/ from bundles that it measures: `node scripts/pictures.ts`, on a quiet machine,
// after `npm run build`. `node scripts/pictures.ts SWEEP FAULTS` draws them from two bundles that are there.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

const sources = [
  {
    command: ["--runtime", "process", "--loads", "100,200,500", "--runs", "5", "--duration", "6"],
    charts: ["latency-load", "percentiles"],
  },
  {
    command: [
      "--runtime",
      "process",
      "--loads",
      "200",
      "--duration",
      "30",
      "--faults",
      "1",
      "--links",
      "aws-5",
    ],
    charts: ["latency-time"],
  },
] as const;

const run = (program: string, args: readonly string[]) =>
  execFileSync(process.execPath, [join(root, "bin", program), ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "inherit"],
  });

const folder = mkdtempSync(join(tmpdir(), "baleen-pictures-"));
try {
  for (const [at, { command, charts }] of sources.entries()) {
    const given = process.argv[at + 2];
    const own = join(folder, String(at));
    if (given === undefined) run("benchmark.js", [...command, "--output-dir", own, "--no-live"]);
    const bundle = given ?? join(own, readdirSync(own)[0] ?? "");
    for (const chart of charts) {
      writeFileSync(
        join(root, "docs", "pictures", `${chart}.svg`),
        run("baleen.js", ["report", bundle, "--svg", chart]),
      );
      console.log(`docs/pictures/${chart}.svg`);
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
