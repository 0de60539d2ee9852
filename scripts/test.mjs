// `npm test`: checks and unit tests; with nothing beside them those that measure time; then tests with real engines, hosts
// and whole commands, and last, again alone, those of them that measure time or need a fixed port. `npm run test:full`
// (--full) runs the longer tests in their place. Ends with the slowest tests, how long each stage took, what was skipped
// and why, what failed, and the line "N passed, N failed". Further arguments go to vitest (`npm test -- test/metrics`).
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparePrograms, programsFor } from "./apt.mjs";
import { prepareEngine } from "./engine.mjs";
import { findNode, root } from "./node.mjs";

const node = findNode();
const say = (line) => console.log(line);
const isFull = process.argv[2] === "--full";
const selected = process.argv.slice(isFull ? 3 : 2);
const totals = { passed: 0, failed: 0, failures: [], skipped: [], tests: [], stages: [] };
const bin = (name, ...path) => join(root, "node_modules", name, ...path);
const vitestBinary = bin("vitest", "vitest.mjs");
const slowestShown = 20;

/** Set by Ctrl-C: what runs is let end, nothing further starts, and the engine is put away. */
let interrupted = false;
const running = new Set();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interrupted = true;
    for (const child of running) child.kill(signal);
  });
}

async function runNode(args, { env = {}, stdio = "inherit" } = {}) {
  const child = spawn(node, args, { cwd: root, stdio, env: { ...process.env, ...env } });
  running.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
  }
  const [code] = await once(child, "close");
  running.delete(child);
  return { isGood: code === 0, output };
}

/** Runs beside other checks: what it says comes at its end. */
async function check(name, ...args) {
  const { isGood, output } = await runNode(args, { stdio: ["ignore", "pipe", "pipe"] });
  say(`── ${name}: ${isGood ? "good" : "failed"}`);
  if (!isGood) say(output);
  totals[isGood ? "passed" : "failed"] += 1;
  if (!isGood) totals.failures.push({ name, message: "said above" });
}

async function checks() {
  await Promise.all([
    check("types", bin("typescript", "bin", "tsc"), "--noEmit"),
    check("types of pages", bin("typescript", "bin", "tsc"), "-p", "tsconfig.browser.json"),
    check("imports", join(root, "scripts", "imports.mjs")),
    check("lint and format", bin("@biomejs", "biome", "bin", "biome"), "check", "--error-on-warnings", "."),
  ]);
}

/** @param tags which tests of the project: those that have the tag `full`, or all others; without it all */
async function vitest(project, tags) {
  if (interrupted) return;
  say(`\n── ${project} tests${tags === "full" ? ", the longer ones" : ""}`);
  const folder = mkdtempSync(join(tmpdir(), "baleen-test-"));
  const file = join(folder, "tally.json");
  const reporters = ["--reporter", "default", "--reporter", join(root, "scripts", "tally.mjs")];
  const filter = tags === undefined ? [] : [`--tags-filter=${tags}`];
  const args = ["run", "--project", project, "--passWithNoTests", ...filter, ...reporters, ...selected];
  const beginMs = performance.now();
  try {
    const { isGood } = await runNode([vitestBinary, ...args], { env: { BALEEN_TEST_TALLY: file } });
    const tally = JSON.parse(readFileSync(file, "utf8"));
    totals.passed += tally.passed;
    totals.failed += isGood ? tally.failed : Math.max(1, tally.failed);
    if (!isGood && tally.failures.length === 0)
      tally.failures.push({ name: project, message: "vitest failed" });
    totals.failures.push(...tally.failures);
    totals.skipped.push(...tally.skipped);
    totals.tests.push(...tally.tests);
  } catch (error) {
    if (interrupted) return;
    say(`vitest did not say how the ${project} tests ended: ${error.message}`);
    totals.failed += 1;
    totals.failures.push({ name: project, message: error.message });
  } finally {
    totals.stages.push(`${project} ${Math.round((performance.now() - beginMs) / 1000)} s`);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether the selection has tests in these projects. */
function hasTests(projects) {
  if (selected.length === 0) return true;
  const args = [vitestBinary, "list", ...projects.flatMap((name) => ["--project", name]), "--filesOnly"];
  const { status, stdout } = spawnSync(node, [...args, ...selected], { cwd: root, encoding: "utf8" });
  return status !== 0 || stdout.trim() !== "";
}

/** The engine, and what takes long to make on it. */
async function prepareMachine() {
  const engine = await prepareEngine(say);
  if (!engine.available) say(`\nTests that need a Docker engine are skipped: ${engine.reason}.`);
  else await runNode([join(root, "test", "support", "prepare-test-hosts.ts")]);
  return engine;
}

const needsMachine = hasTests(["system", "serial", ...(isFull ? ["full", "full-serial"] : [])]);
const checking = selected.length === 0 && !isFull ? checks() : undefined;
if (needsMachine || selected.length === 0) {
  for (const { name, reason } of preparePrograms(say, programsFor(isFull))) {
    say(`Tests that need ${name} are skipped: ${reason}.`);
  }
}
await checking;
let preparing;
try {
  if (isFull) {
    preparing = prepareMachine();
    say("\nGo programs for the tests:");
    const { isGood } = await runNode([join(root, "scripts", "go-programs.ts")]);
    if (!isGood) say("Tests that need one that could not be built are skipped.");
    await preparing;
    await vitest("full");
    for (const project of ["unit", "timed", "system", "serial"]) await vitest(project, "full");
    await vitest("full-serial");
  } else {
    const unit = vitest("unit", "!full");
    if (needsMachine && !interrupted) preparing = prepareMachine();
    await Promise.all([unit, preparing]);
    await vitest("timed", "!full");
    if (needsMachine) for (const project of ["system", "serial"]) await vitest(project, "!full");
  }
} finally {
  await (await preparing)?.stop?.();
}

if (interrupted) say("\nInterrupted: not all tests were run.");
const slowest = totals.tests.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, slowestShown);
if (slowest.length > 0) say(`\nThe slowest ${slowest.length}:`);
for (const { name, durationMs } of slowest) say(`  ${(durationMs / 1000).toFixed(1).padStart(6)} s  ${name}`);
if (totals.stages.length > 0) say(`\nStages: ${totals.stages.join(", ")}`);
if (totals.skipped.length > 0) say(`\n${totals.skipped.length} skipped:`);
for (const { name, reason } of totals.skipped)
  say(`  - ${name}${reason === undefined ? "" : ` (${reason})`}`);
if (totals.failures.length > 0) say(`\nFailed:`);
for (const { name, message } of totals.failures) say(`  - ${name}: ${message}`);
say(`\n${totals.passed} passed, ${totals.failed} failed`);
const good = totals.failed === 0 && totals.passed > 0;
process.exitCode = interrupted ? 130 : good ? 0 : 1;
