// Makes ready what an npm script needs: "install" puts node_modules in the state of package-lock.json, "build"
// compiles. Runs on any Node.js from 14 on, says what it does when it does something, and is silent otherwise.
// (npm's own pre-scripts would not do: `ignore-scripts` in .npmrc switches them off.)
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { findNode, root } from "./node.mjs";

const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

/** Whether every package that package-lock.json wants here is installed at its version, and a Node.js to run it. */
function isInstalled() {
  if (findNode() === undefined || !existsSync(join(root, "node_modules", ".package-lock.json"))) return false;
  const wanted = read("package-lock.json").packages;
  const present = read("node_modules/.package-lock.json").packages;
  const own = Object.keys(wanted[""].optionalDependencies ?? {}).map((name) => `node_modules/${name}`);
  // Others that are optional are for other platforms.
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      !path.startsWith("node_modules/") ||
      (optional && !own.includes(path)) ||
      link ||
      present[path]?.version === version,
  );
}

function run(file, args, env) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ["ignore", 2, 2], env });
  if (error) fail(`Cannot start ${file}: ${error.message}.`);
  if (status !== 0) process.exit(status === null ? 1 : status);
}

function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

/** npm, run by the machine's own Node.js: under the pinned one it would leave the pinned one out. */
function install() {
  console.error("Installing packages (npm ci) …");
  const ours = join(root, "node_modules", ".bin");
  const path = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== ours);
  const env = { ...process.env, PATH: path.join(delimiter) };
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], env);
}

for (const step of process.argv.slice(2)) {
  if (step === "install" && !isInstalled()) install();
  if (step === "build") {
    const node = findNode();
    if (node === undefined) {
      fail(
        `Node.js ${process.version} is too old (at least 22.19 is needed), and npm brings none for ` +
          `${process.platform}-${process.arch}. Install a current Node.js: https://nodejs.org`,
      );
    }
    run(node, [join(root, "scripts", "build.mjs")], process.env);
  }
}
