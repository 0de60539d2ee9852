/**
 * Builds CometBFT from its Go module: `node benchmarks/suite/build-cometbft.ts --help`.
 *
 * Prints the path of the program. All that is downloaded comes from the Go module proxy and is checked by Go against
 * the public checksum database; all that is kept lies in the folder. Where the Go at hand is too old, it fetches the
 * one that CometBFT asks for as a module, which every Go since 1.16 can.
 */
import { chmod, cp, mkdir, readdir, rename, rm } from "node:fs/promises";
import { arch, platform } from "node:os";
import { join, resolve } from "node:path";
import { CommandError, runCommand } from "../../src/core/command.ts";
import { describeError } from "../../src/core/errors.ts";
import { needed, readCommandLine, text } from "./command-line.ts";

const module = "github.com/cometbft/cometbft/cmd/cometbft@v0.38.26";
/** The `go` line of that module's go.mod. */
const neededGo = { major: 1, minor: 22, full: "1.22.11" };
const buildTimeoutMs = 20 * 60_000;

async function main(): Promise<void> {
  const values = readCommandLine("Builds CometBFT from its Go module, and prints the path of the program.", {
    into: needed("FOLDER", "where the program and Go's caches are kept, outside the repository"),
    go: text("PATH", "the Go that builds it, 1.16 or newer", "go"),
  });
  const folder = resolve(values.into);
  await mkdir(folder, { recursive: true });
  const env = {
    ...process.env,
    GOBIN: folder,
    GOPATH: join(folder, "go"),
    GOCACHE: join(folder, "go-build"),
    GOFLAGS: "-modcacherw",
    GOTOOLCHAIN: "local",
    GOSUMDB: "sum.golang.org",
    CGO_ENABLED: "0",
  };
  const go = await findGo(values.go, { folder, env });
  tell(`building ${module} with ${go} …`);
  await runCommand([go, "install", module], { env, timeoutMs: buildTimeoutMs });
  const program = join(folder, "cometbft");
  const version = await runCommand([program, "version"], { timeoutMs: 10_000 });
  tell(`CometBFT ${version.stdout.trim()}`);
  console.log(program);
}

interface Build {
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A Go that is new enough: the one at hand, or one that it fetches. */
async function findGo(atHand: string, build: Build): Promise<string> {
  const version = await readGoVersion(atHand, build);
  const [, major, minor] = /go(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) > neededGo.major || Number(minor) > neededGo.minor) return atHand;
  const target = join(build.folder, `go${neededGo.full}`);
  const fetched = join(target, "bin", "go");
  if ((await readGoVersion(fetched, build).catch(() => "")) !== "") return fetched;
  tell(`${version} is too old; fetching Go ${neededGo.full} …`);
  const name = `golang.org/toolchain@v0.0.1-go${neededGo.full}.${platform()}-${goArchitecture()}`;
  const { stdout } = await runCommand([atHand, "mod", "download", "-json", name], {
    ...build,
    cwd: build.folder,
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

async function readGoVersion(go: string, { env }: Build): Promise<string> {
  try {
    return (await runCommand([go, "version"], { env, timeoutMs: 10_000 })).stdout.trim();
  } catch (error) {
    if (!(error instanceof CommandError && error.reason === "not-found")) throw error;
    throw new Error(
      "There is no Go here. Install one, 1.16 or newer (apt-get install golang-go), or pass --go PATH.",
      {
        cause: error,
      },
    );
  }
}

/** Go's name of this machine's architecture. */
function goArchitecture(): string {
  return arch() === "x64" ? "amd64" : arch();
}

function tell(text: string): void {
  console.error(text);
}

main().catch((error: unknown) => {
  console.error(`build-cometbft: ${describeError(error)}`);
  process.exitCode = 1;
});
