// `npm test`: checks, then fast tests, then those with real engines and whole commands. Ends with what was skipped
// and why, and the line "N passed, N failed". Arguments go to vitest (`npm test -- test/stats`).
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareEngine } from "./engine.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const say = (line) => console.log(line);
const selected = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: [] };

function runNode(args, env = {}) {
  return spawnSync(process.execPath, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } }).status === 0;
}

function check(name, args) {
  say(`\n── ${name}`);
  if (runNode(args)) totals.passed += 1;
  else totals.failed += 1;
}

function vitest(project, env) {
  say(`\n── ${project} tests`);
  const folder = mkdtempSync(join(tmpdir(), "baleen-test-"));
  const report = join(folder, "report.json");
  try {
    const ended = runNode(
      [
        join(root, "node_modules", "vitest", "vitest.mjs"),
        ...["run", "--project", project, "--passWithNoTests"],
        ...["--reporter", "default", "--reporter", "json", "--outputFile.json", report, ...selected],
      ],
      env,
    );
    count(JSON.parse(readFileSync(report, "utf8")), ended);
  } catch (error) {
    say(`${project}: ${error.message}`);
    totals.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function count(report, ended) {
  totals.passed += report.numPassedTests;
  totals.failed += report.numFailedTests;
  // A file that cannot be loaded, or an error outside every test, fails no test but fails the run.
  if (!ended && report.numFailedTests === 0) totals.failed += Math.max(1, report.numFailedTestSuites);
  for (const { assertionResults } of report.testResults) {
    for (const { status, fullName } of assertionResults) {
      if (status === "skipped" || status === "pending" || status === "todo") totals.skipped.push(fullName);
    }
  }
}

if (selected.length === 0) {
  const bin = (name, ...path) => join(root, "node_modules", name, ...path);
  check("types", [bin("typescript", "bin", "tsc"), "--noEmit"]);
  check("walls", [join(root, "scripts", "walls.mjs"), "--check"]);
  check("lint and format", [bin("@biomejs", "biome", "bin", "biome"), "check", "--error-on-warnings", "."]);
}
vitest("unit");
const engine = await prepareEngine(say);
if (!engine.available) say(`\nTests that need a Docker engine are skipped: ${engine.reason}.`);
try {
  vitest("system", engine.available ? {} : { BALEEN_TEST_NO_ENGINE: engine.reason });
} finally {
  if (engine.available) await engine.stop();
}

if (totals.skipped.length > 0) {
  say(`\nSkipped${engine.available ? "" : ` (${engine.reason})`}:`);
  for (const name of totals.skipped) say(`  - ${name}`);
}
const skipped = totals.skipped.length > 0 ? `, ${totals.skipped.length} skipped` : "";
say(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
