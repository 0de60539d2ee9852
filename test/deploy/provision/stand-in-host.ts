import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { type LocalHost, openLocalHost } from "../../support/local-host.ts";
import { openTemporaryFolder } from "../../support/temporary-folder.ts";

/** Real tools that every host has. */
const common =
  "awk bash cat chmod cp cut date df dirname env grep head id ip kill ls mkdir nohup nproc printf readlink rm sed setsid sh sleep sort stat tail tee timeout touch tr true uname wc flock";

/**
 * A host whose commands are real, but for those that a test puts in their place; nothing else is found on its PATH.
 * Each stand-in notes how it was called. Files of the system are read from a folder that stands for "/".
 */
export interface StandInHost extends AsyncDisposable {
  readonly host: LocalHost;
  /** Stands for "/". */
  readonly root: string;
  /** Puts a command on its PATH: the body of a POSIX shell script; `$root`, `$state` and `$bin` are folders to use. */
  readonly command: (name: string, body?: string) => Promise<void>;
  /** Takes a command from its PATH. */
  readonly remove: (name: string) => Promise<void>;
  /** Puts a file below `root`. */
  readonly file: (path: string, content: string, mode?: number) => Promise<void>;
  /** Sets what the stand-ins find in `$state`. */
  readonly set: (name: string, content?: string) => Promise<void>;
  /** What the stand-ins have set in `$state`; undefined where they have not. */
  readonly get: (name: string) => string | undefined;
  /** How the stand-ins were called: "apt-get install -y docker.io". */
  readonly calls: () => Promise<string[]>;
}

/** @param options.user who the connection's user is: root, or one who reaches root by the stand-in of sudo */
export async function openStandInHost(options: { user: "root" | "ubuntu" }): Promise<StandInHost> {
  const folder = await openTemporaryFolder();
  const bin = join(folder.path, "bin");
  const root = join(folder.path, "root");
  const record = join(folder.path, "calls");
  const state = join(folder.path, "state");
  await Promise.all([mkdir(bin), mkdir(root), mkdir(state), writeFile(record, "")]);
  for (const name of common.split(" ")) {
    const real = findOnPath(name);
    if (real !== undefined) await symlink(real, join(bin, name));
  }
  const host = openLocalHost({
    name: "host1",
    env: { PATH: bin, bin, root, state, record },
    sudo: options.user === "root" ? [] : ["sudo", "-n"],
  });
  const command = async (name: string, body = "") => {
    const path = join(bin, name);
    await writeFile(`${path}.new`, `#!/bin/sh\nprintf '%s\\036' "${name} $*" >> "$record"\n${body}\n`);
    await chmod(`${path}.new`, 0o755);
    await rename(`${path}.new`, path);
  };
  return {
    host,
    root,
    command,
    remove: (name) => rm(join(bin, name)),
    file: async (path, content, mode = 0o644) => {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content, { mode });
    },
    set: (name, content = "") => writeFile(join(state, name), content),
    get: (name) => {
      const path = join(state, name);
      return existsSync(path) ? readFileSync(path, "utf8") : undefined;
    },
    // One call may have several lines.
    calls: async () => (await readFile(record, "utf8")).split("\x1e").filter((call) => call !== ""),
    [Symbol.asyncDispose]: async () => {
      await host[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Path of a command of this machine. */
export function findOnPath(name: string): string | undefined {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
