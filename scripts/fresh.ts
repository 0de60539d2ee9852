/**
 * `npm run test:fresh`: `npm test` as it goes on a machine on which nothing was installed by hand. Makes a Debian tree
 * with Node.js, npm and git alone, clones the last commit into it, and runs the tests there as root. Arguments go to
 * `npm test`. The tree is removed at the end; with --keep as the first argument it stays.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, cp, mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { describeError } from "../src/core/errors.ts";
import { runCommand } from "../src/core/process/command.ts";
import { findOnPath } from "../src/core/process/find-program.ts";
import { bootstrapDebian } from "../src/deploy/testbed/base-image.ts";

const root = dirname(import.meta.dirname);
const interrupt = new AbortController();
const say = (line: string) => console.error(line);
const stepLimitMs = 600_000;

/** Proxies and certificates lead to the registries: a machine that needs them has none without. */
const passed = [
  ...["http_proxy", "https_proxy", "no_proxy"].flatMap((name) => [name, name.toUpperCase()]),
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_DIR",
  "SSL_CERT_FILE",
  "TERM",
];
const certificates = "/usr/local/share/ca-certificates";

/** Why a tree cannot be made and entered here. */
async function whyNotHere(path: string): Promise<string | undefined> {
  if (userInfo().uid !== 0 || !existsSync("/etc/debian_version")) {
    return "a tree is made by root on Debian or Ubuntu alone";
  }
  const docker = findOnPath("docker", path);
  if (docker === undefined) return undefined;
  const asked = { env: process.env, timeoutMs: 30_000, allowFailure: true };
  const { exitCode } = await runCommand([docker, "version"], asked);
  // It would be on the same network: both want the same bridge and the same rules.
  return exitCode === 0
    ? "a Docker engine runs here, and the tests start another one: end it first"
    : undefined;
}

/** The machine's own programs, which npm hides behind those of the project. */
function machinePath(): string {
  const ours = join(root, "node_modules");
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => !folder.startsWith(ours))
    .join(delimiter);
}

async function build(tree: string, path: string): Promise<void> {
  const options = { env: { ...process.env, PATH: path }, signal: interrupt.signal, timeoutMs: stepLimitMs };
  const run = (...argv: string[]) => runCommand(argv, options);
  say("making a tree of Debian's packages, some minutes");
  await bootstrapDebian(tree, { ...options, include: ["ca-certificates", "git"], onStep: say });
  const own = join(tree, certificates);
  if (existsSync(certificates)) {
    await cp(certificates, own, { recursive: true });
    await run("chroot", tree, "update-ca-certificates");
  }
  const node = findOnPath("node", path);
  if (node === undefined) throw new Error("there is no Node.js on PATH");
  await copyFile(await realpath(node), join(tree, "usr", "local", "bin", "node"));
  const version = (await run("npm", "--version")).stdout.trim();
  say(`installing npm ${version}`);
  await run("npm", "install", "--global", "--prefix", join(tree, "usr", "local"), `npm@${version}`);
  await copyFile("/etc/resolv.conf", join(tree, "etc", "resolv.conf"));
  if ((await run("git", "-C", root, "status", "--porcelain")).stdout !== "") {
    say("What is not committed is left out.");
  }
  await run("git", "clone", "--quiet", "--no-hardlinks", root, join(tree, "root", "baleen"));
}

async function test(tree: string, path: string, args: readonly string[]): Promise<number> {
  const env: Record<string, string> = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    HOME: "/root",
    LANG: "C.UTF-8",
  };
  for (const name of passed) if (process.env[name] !== undefined) env[name] = process.env[name];
  const unshare = findOnPath("unshare", path) ?? "unshare";
  const enter = join(import.meta.dirname, "enter-tree.sh");
  const command = ["npm", "--silent", "test", ...(args.length > 0 ? ["--", ...args] : [])];
  const argv = ["--mount", "--pid", "--fork", "--kill-child", enter, tree, ...command];
  const tests = spawn(unshare, argv, { stdio: "inherit", env });
  const [code] = await once(tests, "exit");
  return typeof code === "number" ? code : 1;
}

async function main(given: readonly string[]): Promise<number> {
  const keeps = given[0] === "--keep";
  const path = machinePath();
  const whyNot = await whyNotHere(path);
  if (whyNot !== undefined) {
    say(`test:fresh: ${whyNot}.`);
    return 2;
  }
  const folder = await mkdtemp(join(tmpdir(), "baleen-fresh-"));
  const tree = join(folder, "root");
  try {
    await mkdir(tree);
    await build(tree, path);
    return await test(tree, path, keeps ? given.slice(1) : given);
  } catch (error) {
    say(`test:fresh: ${describeError(error)}`);
    return interrupt.signal.aborted ? 130 : 1;
  } finally {
    if (keeps) say(`The tree is kept: ${tree}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

// A Ctrl-C reaches the tests too, which put away what they have started; the tree goes after them.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => interrupt.abort(new Error(signal)));
}
process.exitCode = await main(process.argv.slice(2));
