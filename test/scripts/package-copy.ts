import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Ending {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with the project's scripts, in which a test may do as it likes; gone when disposed of. */
export interface PackageCopy extends AsyncDisposable {
  readonly root: string;
  readonly write: (path: string, content: unknown) => Promise<void>;
  /** Runs a script with this Node.js. */
  readonly run: (
    script: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ) => Promise<Ending>;
}

/** @param paths further files and folders of the project to copy */
export async function copyPackage(...paths: string[]): Promise<PackageCopy> {
  const home = await realpath(await mkdtemp(join(tmpdir(), "baleen-scripts-")));
  for (const path of ["scripts", ...paths]) await cp(join(root, path), join(home, path), { recursive: true });
  return {
    root: home,
    write: async (path, content) => {
      const file = join(home, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, typeof content === "string" ? content : JSON.stringify(content));
      if (typeof content === "string" && content.startsWith("#!")) await chmod(file, 0o755);
    },
    run: (script, args, env = {}) => runCommand(process.execPath, [join(home, script), ...args], home, env),
    [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
  };
}

async function runCommand(
  file: string,
  args: readonly string[],
  cwd: string,
  changes: Readonly<Record<string, string>>,
): Promise<Ending> {
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...changes },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seen = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      seen[stream] += text;
    });
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...seen };
}
