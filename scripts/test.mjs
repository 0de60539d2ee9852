// `npm test`: checks, then fast tests, then those with real engines and whole commands. Ends with what was skipped
// and why, and the line "N passed, N failed". Arguments go to vitest (`npm test -- test/stats`).
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareEngine } from "./engine.mjs";
import { prepareEtcd } from "./etcd.mjs";
import { findNode, root } from "./node.mjs";
import { prepareShellcheck } from "./shellcheck.mjs";
import { prepareShells } from "./shells.mjs";
import { prepareSshd } from "./sshd.mjs";

const node = findNode();
const say = (line) => console.log(line);
const selected = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: [] };
const bin = (name, ...path) => join(root, "node_modules", name, ...path);
const vitestBinary = bin("vitest", "vitest.mjs");

/** Set by Ctrl-C: what runs is let end, nothing further starts, and the engine is put away. */
let interrupted = false;
let running;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interrupted = true;
    running?.kill(signal);
  });
}

async function runNode(args, env = {}) {
  running = spawn(node, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } });
  const [code] = await once(running, "exit");
  return code === 0;
}

async function check(name, ...args) {
  if (interrupted) return;
  say(`\n── ${name}`);
  if (await runNode(args)) totals.passed += 1;
  else totals.failed += 1;
}

async function vitest(project) {
  if (interrupted) return;
  say(`\n── ${project} tests`);
  const folder = mkdtempSync(join(tmpdir(), "baleen-test-"));
  const file = join(folder, "tally.json");
  const reporters = ["--reporter", "default", "--reporter", join(root, "scripts", "tally.mjs")];
  const args = ["run", "--project", project, "--passWithNoTests", ...reporters, ...selected];
  try {
    const good = await runNode([vitestBinary, ...args], { BALEEN_TEST_TALLY: file });
    const tally = JSON.parse(readFileSync(file, "utf8"));
    totals.passed += tally.passed;
    totals.failed += good ? tally.failed : Math.max(1, tally.failed);
    totals.skipped.push(...tally.skipped);
  } catch (error) {
    if (interrupted) return;
    say(`vitest did not say how the ${project} tests ended: ${error.message}`);
    totals.failed += 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether a selection reaches tests that may need an engine. */
function hasSystemTests() {
  const projects = ["system", "commands", "hosts"].flatMap((name) => ["--project", name]);
  const args = [vitestBinary, "list", ...projects, "--filesOnly", ...selected];
  const { status, stdout } = spawnSync(node, args, { cwd: root, encoding: "utf8" });
  return status !== 0 || stdout.trim() !== "";
}

if (selected.length === 0) {
  await check("types", bin("typescript", "bin", "tsc"), "--noEmit");
  await check("walls", join(root, "scripts", "walls.mjs"), "--check");
  await check(
    "lint and format",
    bin("@biomejs", "biome", "bin", "biome"),
    "check",
    "--error-on-warnings",
    ".",
  );
}
await vitest("unit");
if (!interrupted && hasSystemTests()) {
  const engine = await prepareEngine(say);
  if (!engine.available) say(`\nTests that need a Docker engine are skipped: ${engine.reason}.`);
  const sshd = prepareSshd(say);
  if (!sshd.available) say(`\nTests that need an sshd are skipped: ${sshd.reason}.`);
  const etcd = prepareEtcd(say);
  if (!etcd.available) say(`\nTests that need etcd are skipped: ${etcd.reason}.`);
  const shellcheck = prepareShellcheck(say);
  if (!shellcheck.available) say(`\nThe scripts are not looked at by shellcheck: ${shellcheck.reason}.`);
  prepareShells(say);
  say("\nGo programs for the tests:");
  const hasGoPrograms = await runNode([join(root, "scripts", "go-programs.ts")]);
  if (!hasGoPrograms) say("Tests that need one that could not be built are skipped.");
  try {
    await vitest("hosts");
    await vitest("commands");
    await vitest("system");
  } finally {
    await engine.stop?.();
  }
}

if (interrupted) say("\nInterrupted: not all tests were run.");
if (totals.skipped.length > 0) say(`\n${totals.skipped.length} skipped:`);
for (const { name, reason } of totals.skipped)
  say(`  - ${name}${reason === undefined ? "" : ` (${reason})`}`);
say(`\n${totals.passed} passed, ${totals.failed} failed`);
const good = totals.failed === 0 && totals.passed > 0;
process.exitCode = interrupted ? 130 : good ? 0 : 1;
