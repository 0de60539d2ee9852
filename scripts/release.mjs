// `node scripts/release.mjs X.Y.Z [--check]`: makes the changelog's "Unreleased" section the one of version X.Y.Z, and
// sets that version in package.json and package-lock.json. It commits nothing: it prints the commands for that. Where
// anything is wrong, it reports all of it, changes nothing, and exits with 2. --check only checks.
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./node.mjs";

const usage = "usage: node scripts/release.mjs X.Y.Z [--check]";
const isVersion = (text) => /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(text);
const unreleased = "## [Unreleased]";

const words = process.argv.slice(2);
const flags = words.filter((word) => word.startsWith("-"));
const [version = "", ...more] = words.filter((word) => !word.startsWith("-"));
const isUsage = isVersion(version) && more.length === 0 && flags.every((flag) => flag === "--check");

const read = (path) => readFileSync(join(root, path), "utf8");
const write = (path, text) => writeFileSync(join(root, path), text);
const manifest = JSON.parse(read("package.json"));
const lock = JSON.parse(read("package-lock.json"));
const changelog = read("CHANGELOG.md");

function isNewer(one, other) {
  const [numbers, others] = [one, other].map((text) => text.split(".").map(Number));
  const place = numbers.findIndex((number, index) => number !== others[index]);
  return place >= 0 && numbers[place] > others[place];
}

/** Its output, or why there is none. */
function git(...args) {
  const { status, stdout, stderr, error } = spawnSync("git", args, { cwd: root, encoding: "utf8" });
  return status === 0 ? { output: stdout.trim() } : { failure: error?.message ?? stderr.trim() };
}

function* findTreeProblems() {
  const { output, failure } = git("status", "--porcelain");
  if (failure !== undefined) yield `git status failed: ${failure}`;
  else if (output !== "") yield `the work tree is not clean. Commit or stash first:\n${output}`;
  if (git("rev-parse", "--verify", "--quiet", `refs/tags/v${version}`).output) {
    yield `the tag v${version} exists already`;
  }
}

/** Where the section "Unreleased" begins and ends. */
function findSection() {
  const start = `\n${changelog}`.indexOf(`\n${unreleased}\n`);
  if (start < 0) return undefined;
  const end = changelog.indexOf("\n## ", start + unreleased.length);
  return { start, end: end < 0 ? changelog.length : end + 1 };
}
const section = findSection();

function* findProblems() {
  if (!isUsage) yield usage;
  else if (!isNewer(version, manifest.version)) {
    yield `${version} is not newer than ${manifest.version}, the version in package.json`;
  }
  if (changelog.includes(`\n## [${version}]`)) yield `CHANGELOG.md already has a section ${version}`;
  if (section === undefined) yield `CHANGELOG.md has no section "${unreleased}"`;
  else if (!/^- /m.test(changelog.slice(section.start, section.end))) {
    yield `the section "${unreleased}" of CHANGELOG.md has no entries`;
  }
  yield* findTreeProblems();
}

const problems = [...findProblems()];
for (const problem of problems) console.error(`error: ${problem}`);
if (problems.length > 0) process.exit(2);
if (flags.includes("--check")) console.log(`${version} can be released.`);
else {
  const heading = `${unreleased}\n\n## [${version}] - ${new Date().toISOString().slice(0, 10)}\n`;
  const after = changelog.slice(section.start + unreleased.length + 1);
  write("CHANGELOG.md", changelog.slice(0, section.start) + heading + after);
  for (const named of [manifest, lock, lock.packages[""]]) named.version = version;
  write("package.json", `${JSON.stringify(manifest, null, 2)}\n`);
  write("package-lock.json", `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`CHANGELOG.md, package.json and package-lock.json are at ${version}. Look at them, then:`);
  console.log(`  git commit --all --message "chore: release ${version}"`);
  console.log(`  git tag --annotate v${version} --message "Baleen ${version}"`);
}
