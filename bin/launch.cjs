// Starts a command of dist/ under a Node.js that is new enough. Must itself run on Node.js 14.18.
"use strict";
const { spawn } = require("node:child_process");
const { constants } = require("node:os");
const { existsSync, readFileSync } = require("node:fs");
const { dirname, join } = require("node:path");
const { pathToFileURL } = require("node:url");

// What hosts and engines send is short-lived buffers, which count little and hold much: they are freed sooner where the
// young generation stays small. A flood takes 60 to 80 MB less, any command a fifth, and none takes longer.
require("node:v8").setFlagsFromString("--semi-space-growth-factor=1");

const root = dirname(__dirname);
const least = [22, 19];
/** Set for the second start, so that there is never a third. */
const mark = "BALEEN_RELAUNCHED";

function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, "").split(".").map(Number);
  return major > least[0] || (major === least[0] && minor >= least[1]);
}

/** Packages that carry the official binary for this machine. */
const machine = `${process.platform}-${process.arch}`;
const pinnedPackages = [`node-${machine}`, `node-bin-${machine}`];

/** The pinned Node.js, looked for from this package up the tree as npm may have laid it; undefined if there is none. */
function findPinnedNode() {
  for (let folder = root; ; folder = dirname(folder)) {
    for (const name of pinnedPackages) {
      const binary = readBinary(join(folder, "node_modules", name));
      if (binary !== undefined) return binary;
    }
    if (folder === dirname(folder)) return undefined;
  }
}

function readBinary(home) {
  try {
    const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
    const bin = typeof manifest.bin === "string" ? manifest.bin : manifest.bin.node;
    const binary = join(home, bin);
    return isNewEnough(manifest.version) && existsSync(binary) ? binary : undefined;
  } catch {
    return undefined;
  }
}

function fail(message) {
  process.stderr.write(`error: ${message}\n`);
  process.exit(2);
}

/** A checkout brings a Node.js along; who has installed the package can put one beside it. */
const remedy = existsSync(join(root, "scripts", "prepare.mjs"))
  ? `run in ${root}: npm run build`
  : `put one beside this package: npm install ${pinnedPackages[machine === "darwin-arm64" ? 1 : 0]}@24`;

const tooOld =
  `Node.js ${process.version} is too old: at least ${least.join(".")} is needed. ` +
  `Install a current Node.js (https://nodejs.org), or ${remedy}`;

/** Runs the same command line again under the pinned Node.js, and ends as it ends. */
function relaunch(binary) {
  const env = Object.assign({}, process.env, { [mark]: "1" });
  const child = spawn(binary, process.argv.slice(1), { stdio: "inherit", env });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"]) {
    process.on(signal, () => child.kill(signal));
  }
  child.on("error", (error) => fail(`Cannot start ${binary}: ${error.message}. ${tooOld}`));
  child.on("exit", (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));
}

/**
 * @param binary which main to run: "baleen", "benchmark", "local-network" or "remote-network"
 * @param args arguments in front of those of the command line
 */
module.exports = function launch(binary, args) {
  if (!isNewEnough(process.version)) {
    const pinned = process.env[mark] === undefined ? findPinnedNode() : undefined;
    if (pinned === undefined) fail(tooOld);
    else relaunch(pinned);
    return;
  }
  delete process.env[mark];
  // Compiled code is kept beside the modules where the folder may be written: commands start in two thirds of the time.
  require("node:module").enableCompileCache(join(root, "dist", ".compile-cache"));
  const main = join(root, "dist", "cli", "main.js");
  if (!existsSync(main)) fail(`${root} is not built yet. Run there: npm run build`);
  import(pathToFileURL(main).href)
    .then((module) => module.main(binary, [...(args || []), ...process.argv.slice(2)]))
    .catch((error) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
      process.exit(1);
    });
};
