/**
 * Builds the Go programs that tests and benchmarks use beside ours, each once, into a cache outside the repository:
 * `node scripts/go-programs.ts [NAME …]` prints their paths.
 *
 * All that is downloaded comes from the Go module proxy, and Go checks it against the public checksum database. Where
 * the Go at hand is too old, it fetches a newer one as a module, which every Go since 1.16 can.
 */
import { existsSync } from "node:fs";
import { chmod, cp, mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { arch, homedir, platform } from "node:os";
import { join } from "node:path";
import { until } from "../src/core/async.ts";
import { describeError } from "../src/core/errors.ts";
import { CommandError, runCommand } from "../src/core/process/command.ts";
import { claim, LockedError } from "../src/core/process/lock.ts";

/** What is built: a release of a module, and the package of its program. */
export const goPrograms = {
  cometbft: {
    version: "0.38.26",
    module: "github.com/cometbft/cometbft",
    package: "github.com/cometbft/cometbft/cmd/cometbft",
  },
  "cometbft-load-test": {
    version: "0.3.0",
    module: "github.com/cometbft/cometbft-load-test",
    package: "github.com/cometbft/cometbft-load-test/cmd/cometbft-load-test",
  },
} as const;

export type GoProgramName = keyof typeof goPrograms;

/** As new as the `go` lines of those modules ask for. */
const neededGo = { major: 1, minor: 22, full: "1.22.11" };
const buildTimeoutMs = 20 * 60_000;

export const defaultCache: string = join(homedir(), ".cache", "baleen-suite");

/** Where a program stands once it is built. */
export function goProgramPath(name: GoProgramName, cache: string = defaultCache): string {
  return join(programFolder(name, cache), name);
}

function programFolder(name: GoProgramName, cache: string): string {
  return join(cache, `${name}-${goPrograms[name].version}`);
}

export type PreparedProgram =
  | { readonly available: true; readonly path: string }
  | { readonly available: false; readonly reason: string };

/** Builds a program unless it is there. Two that want it at once build it once. */
export async function prepareGoProgram(
  name: GoProgramName,
  say: (line: string) => void,
  cache: string = defaultCache,
): Promise<PreparedProgram> {
  const path = goProgramPath(name, cache);
  if (existsSync(path)) return { available: true, path };
  try {
    await mkdir(cache, { recursive: true });
    await using _lock = await waitForLock(join(cache, `${name}.lock`), say);
    if (!existsSync(path)) await build(name, { cache, say });
    return { available: true, path };
  } catch (error) {
    return { available: false, reason: `${name} could not be built: ${describeError(error)}` };
  }
}

async function waitForLock(path: string, say: (line: string) => void): Promise<AsyncDisposable> {
  const owner = { run: "go-programs", command: "node scripts/go-programs.ts", inUse: `${path} is held` };
  let reported = false;
  const attempt = async () => {
    try {
      return await claim(path, owner);
    } catch (error) {
      if (!(error instanceof LockedError)) throw error;
      if (!reported) say(error.message);
      reported = true;
      return undefined;
    }
  };
  return await until(attempt, { timeoutMs: buildTimeoutMs, everyMs: 500, describe: () => `${path} is held` });
}

interface Place {
  readonly cache: string;
  readonly say: (line: string) => void;
}

interface Build extends Place {
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function build(name: GoProgramName, place: Place): Promise<void> {
  const { cache, say } = place;
  const { module, package: source, version } = goPrograms[name];
  const env = {
    ...process.env,
    GOPATH: join(cache, "go"),
    GOCACHE: join(cache, "go-build"),
    GOFLAGS: "-modcacherw",
    GOTOOLCHAIN: "local",
    GOSUMDB: "sum.golang.org",
    CGO_ENABLED: "0",
  };
  const go = await findGo({ ...place, env });
  say(`building ${name} ${version} with ${go}, some minutes …`);
  const folder = programFolder(name, cache);
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true });
  // A module of our own asks for the one version by name: `go install` would ask for the list of all, which not every
  // proxy keeps.
  const lines = [
    "module baleen-go-program",
    "",
    `go ${neededGo.full}`,
    "",
    `require ${module} v${version}`,
    "",
  ];
  await writeFile(join(unfinished, "go.mod"), lines.join("\n"));
  const argv = [go, "build", "-mod=mod", "-o", join(unfinished, name), source];
  await runCommand(argv, { env, cwd: unfinished, timeoutMs: buildTimeoutMs });
  await rm(folder, { recursive: true, force: true });
  await rename(unfinished, folder);
}

/** A Go that is new enough: the one at hand, or one that it fetches. */
async function findGo(build: Build): Promise<string> {
  const { cache, env, say } = build;
  // Where Go's own archive unpacks, it is on nobody's PATH yet.
  const unpacked = "/usr/local/go/bin/go";
  const atHand = existsSync(unpacked) ? unpacked : "go";
  const version = await readGoVersion(atHand, env);
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) > neededGo.major || Number(minor) >= neededGo.minor) return atHand;
  const target = join(cache, `go${neededGo.full}`);
  const fetched = join(target, "bin", "go");
  if (existsSync(fetched)) return fetched;
  say(`${version} is too old; fetching Go ${neededGo.full} …`);
  const architecture = arch() === "x64" ? "amd64" : arch();
  const name = `golang.org/toolchain@v0.0.1-go${neededGo.full}.${platform()}-${architecture}`;
  const { stdout } = await runCommand([atHand, "mod", "download", "-json", name], {
    env,
    cwd: cache,
    timeoutMs: buildTimeoutMs,
  });
  const { Dir: folder } = JSON.parse(stdout) as { Dir?: string };
  if (folder === undefined) throw new Error(`${name} was not downloaded: ${stdout}`);
  const unfinished = `${target}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(folder, unfinished, { recursive: true });
  // Modules carry no permission to run.
  for (const programs of ["bin", join("pkg", "tool")]) {
    const entries = await readdir(join(unfinished, programs), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    await Promise.all(files.map(({ parentPath, name: file }) => chmod(join(parentPath, file), 0o755)));
  }
  await rename(unfinished, target);
  return fetched;
}

async function readGoVersion(go: string, env: Build["env"]): Promise<string> {
  try {
    return (await runCommand([go, "version"], { env, timeoutMs: 10_000 })).stdout.trim();
  } catch (error) {
    if (!(error instanceof CommandError && error.reason === "not-found")) throw error;
    throw new Error("there is no Go here; install one, 1.16 or newer (apt-get install golang-go)", {
      cause: error,
    });
  }
}

async function main(given: readonly string[]): Promise<number> {
  const known = Object.keys(goPrograms) as GoProgramName[];
  const unknown = given.find((name) => !known.some((each) => each === name));
  if (unknown !== undefined) {
    console.error(`go-programs: there is no ${unknown}. There are ${known.join(", ")}.`);
    return 2;
  }
  let code = 0;
  for (const name of known.filter((each) => given.length === 0 || given.includes(each))) {
    const prepared = await prepareGoProgram(name, (line) => console.error(line));
    if (prepared.available) console.log(prepared.path);
    else {
      console.error(`go-programs: ${prepared.reason}`);
      code = 1;
    }
  }
  return code;
}

if (process.argv[1] === import.meta.filename) process.exitCode = await main(process.argv.slice(2));
