import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const bin = fileURLToPath(new URL("../../bin", import.meta.url));

/** Stands for dist/cli/main.js: tells how it was started, and does what its first argument says. */
const mainModule = `
export async function main(binary, argv) {
  console.log(JSON.stringify({ binary, argv, version: process.version, mark: process.env.BALEEN_RELAUNCHED }));
  const [what, value] = argv.slice(-2);
  if (what === "exit") process.exit(Number(value));
  if (what === "die") process.kill(process.pid, value);
  if (what === "wait") {
    process.on(value, () => process.exit(7));
    setInterval(() => undefined, 1000);
    console.log("waiting");
  }
}
`;

interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

let root: string;
/** Makes any Node.js claim to be older; only the process that is started with it does. */
let pretendOld: string;

beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), "baleen-launch-")));
  pretendOld = join(root, "old.cjs");
  await writeFile(pretendOld, `Object.defineProperty(process, "version", { value: "v20.20.2" });`);
  await lay("built", { built: true, pinned: process.execPath });
  await lay("unbuilt", { built: false, pinned: process.execPath });
  await lay("alone", { built: true });
  await lay("checkout", { built: true });
  await cp(join(bin, "..", "scripts"), join(root, "checkout", "scripts"), { recursive: true });
  await lay("broken", { built: true, pinned: join(root, "old.cjs") });
});

afterAll(() => rm(root, { recursive: true, force: true }));

/** A package's folder, with a pinned Node.js or without. */
async function lay(name: string, { built, pinned }: { built: boolean; pinned?: string }): Promise<void> {
  const home = join(root, name);
  await cp(bin, join(home, "bin"), { recursive: true });
  await writeFile(join(home, "package.json"), JSON.stringify({ type: "module" }));
  if (built) {
    await mkdir(join(home, "dist", "cli"), { recursive: true });
    await writeFile(join(home, "dist", "cli", "main.js"), mainModule);
  }
  if (pinned !== undefined) {
    const folder = join(home, "node_modules", `node-${process.platform}-${process.arch}`);
    await mkdir(join(folder, "bin"), { recursive: true });
    const manifest = { version: process.versions.node, bin: { node: "bin/node" } };
    await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
    await symlink(pinned, join(folder, "bin", "node"));
  }
}

interface Start {
  readonly node?: string;
  readonly old?: boolean;
  readonly env?: Record<string, string>;
}

function start(script: string, args: readonly string[], options: Start = {}): ChildProcess {
  const execArgv = options.old === true ? ["--require", pretendOld] : [];
  const { BALEEN_RELAUNCHED: _, NODE_OPTIONS: __, ...inherited } = process.env;
  return spawn(options.node ?? process.execPath, [...execArgv, join(root, script), ...args], {
    env: { ...inherited, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function collect(child: ChildProcess): { text: () => string; ended: Promise<Ending> } {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(
    ([code]): Ending => ({ code: code as number | null, stdout, stderr }),
  );
  return { text: () => stdout, ended };
}

const launch = (script: string, args: readonly string[], options?: Start) =>
  collect(start(script, args, options)).ended;

describe("a Node.js that is new enough", () => {
  test.each(["baleen", "benchmark", "local-network", "remote-network"])(
    "%s hands its arguments on",
    async (name) => {
      const { code, stdout } = await launch(`built/bin/${name}.js`, ["--x", "a b", "exit", "3"]);
      expect(code).toBe(3);
      expect(JSON.parse(stdout)).toEqual({
        binary: name,
        argv: ["--x", "a b", "exit", "3"],
        version: process.version,
      });
    },
  );

  test("start puts its own flags in front, so that those of the command line count", async () => {
    const { stdout } = await launch("built/bin/start.js", ["--loads", "5", "exit", "0"]);
    const { binary, argv } = JSON.parse(stdout) as { binary: string; argv: string[] };
    expect(binary).toBe("benchmark");
    expect(argv).toContain("--local-loads=50,100,200");
    expect(argv).toContain("--cleanup-thorough");
    expect(argv.slice(-4)).toEqual(["--loads", "5", "exit", "0"]);
  });

  test("without dist/ it says what to do", async () => {
    const { code, stderr } = await launch("unbuilt/bin/benchmark.js", []);
    expect(code).toBe(2);
    expect(stderr).toBe(`error: ${join(root, "unbuilt")} is not built yet. Run there: npm run build\n`);
  });

  test("a mark from outside does no harm", async () => {
    const env = { BALEEN_RELAUNCHED: "1" };
    const { code, stdout } = await launch("built/bin/benchmark.js", ["exit", "0"], { env });
    expect([code, JSON.parse(stdout).mark]).toEqual([0, undefined]);
  });
});

describe("a Node.js that is too old", () => {
  test("the pinned one does the work, with the same arguments and exit code", async () => {
    const { code, stdout } = await launch("built/bin/benchmark.js", ["--x", "a b", "exit", "3"], {
      old: true,
    });
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toEqual({
      binary: "benchmark",
      argv: ["--x", "a b", "exit", "3"],
      version: process.version,
    });
  });

  test("death by a signal is 128 and its number", async () => {
    expect(await launch("built/bin/benchmark.js", ["die", "SIGKILL"], { old: true })).toMatchObject({
      code: 137,
    });
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"])("%s is handed on", async (signal) => {
    const child = start("built/bin/benchmark.js", ["wait", signal], { old: true });
    const { ended } = collect(child);
    child.stdout?.on("data", (text: string) => {
      if (text.includes("waiting")) child.kill(signal as NodeJS.Signals);
    });
    expect((await ended).code).toBe(7);
  });

  test("without a pinned one it says what to do", async () => {
    const { code, stderr } = await launch("alone/bin/benchmark.js", [], { old: true });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^error: Node\.js v20\.20\.2 is too old: at least 22\.19 is needed\. Install .*, or put one beside this package: npm install node-\S+@24\n$/,
    );
  });

  test("in a checkout it names the command that brings one along", async () => {
    const { stderr } = await launch("checkout/bin/benchmark.js", [], { old: true });
    expect(stderr).toMatch(/, or run in .*checkout: npm run build\n$/);
  });

  test("it never starts a second time", async () => {
    const env = { BALEEN_RELAUNCHED: "1" };
    const { code, stderr } = await launch("built/bin/benchmark.js", [], { old: true, env });
    expect(code).toBe(2);
    expect(stderr).toContain("is too old");
  });

  test("a pinned one that cannot be started is said", async () => {
    const { code, stderr } = await launch("broken/bin/benchmark.js", [], { old: true });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: Cannot start .*EACCES.* is too old/);
  });
});

/** Node.js of this machine that really are too old. */
const tooOld = oldNodes();

function oldNodes(): string[] {
  const candidates = execFileSync("sh", ["-c", "which -a node || true"], { encoding: "utf8" }).split("\n");
  return candidates.filter((node) => {
    if (node === "") return false;
    const [major = 0, minor = 0] = execFileSync(node, ["-p", "process.versions.node"], { encoding: "utf8" })
      .split(".")
      .map(Number);
    return major < 22 || (major === 22 && minor < 19);
  });
}

const [realOld] = tooOld;
test.skipIf(realOld === undefined)(
  `a real old Node.js of this machine starts the pinned one (skipped where there is none)`,
  async () => {
    const { code, stdout } = await launch("built/bin/benchmark.js", ["exit", "4"], { node: realOld ?? "" });
    expect([code, JSON.parse(stdout).version]).toEqual([4, process.version]);
  },
);
