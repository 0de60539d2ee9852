// Makes ready what an npm script needs: "install" puts node_modules in the state of package-lock.json, "build"
// compiles. Runs on any Node.js from 14 on, says what it does when it does something, and is silent otherwise.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));

/** Whether every package that package-lock.json wants here is installed at its version. */
function isInstalled() {
  if (!existsSync(join(root, "node_modules", ".package-lock.json"))) return false;
  const wanted = read("package-lock.json").packages;
  const present = read("node_modules/.package-lock.json").packages;
  return Object.entries(wanted).every(
    ([path, { version, optional, link }]) =>
      !path.startsWith("node_modules/") || optional || link || present[path]?.version === version,
  );
}

function run(file, args, env) {
  const { status, error } = spawnSync(file, args, { cwd: root, stdio: ["ignore", 2, 2], env: { ...process.env, ...env } });
  if (error) throw error;
  if (status !== 0) process.exit(status === null ? 1 : status);
}

/** The Node.js that runs everything after the installation: the pinned one where the machine's own is too old. */
function nodeBinary() {
  const pinned = join(root, "node_modules", ".bin", "node");
  return existsSync(pinned) ? pinned : process.execPath;
}

/** Newest change under a folder, ms since 1970. */
function newest(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((latest, entry) => {
    const path = join(folder, entry.name);
    return Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
  }, 0);
}

for (const step of process.argv.slice(2)) {
  if (step === "install" && !isInstalled()) {
    console.error("Installing packages (npm ci) …");
    const npm = process.env.npm_execpath;
    if (npm === undefined) run("npm", ["ci", "--no-audit", "--no-fund"]);
    else run(process.execPath, [npm, "ci", "--no-audit", "--no-fund"]);
  }
  if (step === "build") {
    const stamp = join(root, "dist", ".sources");
    if (!existsSync(stamp) || newest(join(root, "src")) > statSync(stamp).mtimeMs) console.error("Building …");
    run(nodeBinary(), [join(root, "scripts", "build.mjs")]);
  }
}
