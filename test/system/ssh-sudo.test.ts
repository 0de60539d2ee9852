import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Host } from "../../src/contracts/hosts/host.ts";
import { readProcess } from "../../src/core/process/processes.ts";
import { openLink } from "../../src/deploy/ssh/connect.ts";
import { openSshHost } from "../../src/deploy/ssh/session/host.ts";
import { addressOf, type Sshd, sshOptions, startSshd, whyNoSshd } from "../support/sshd.ts";

const limits = { timeoutMs: 30_000 };

/** A stand-in for sudo that notes how it was called, and refuses where a file says so, in sudo's words. */
const standIn = (folder: string) => `#!/bin/sh
printf '%s\\n' "$1 $2 $LC_ALL" >> '${folder}/calls'
if [ -e '${folder}/refusal' ]; then cat '${folder}/refusal' >&2; exit 1; fi
echo "sudo: unable to resolve host node1: Name or service not known" >&2
shift 2
"$@"
`;

describe.skipIf(whyNoSshd !== undefined)(`a host whose user is not root ${whyNoSshd ?? ""}`, () => {
  let sshd: Sshd;
  let host: Host;

  beforeAll(async () => {
    sshd = await startSshd({ config: (folder) => [`SetEnv PATH=${folder}/bin:/usr/bin:/bin`] });
    await mkdir(join(sshd.folder, "bin"));
    await writeFile(join(sshd.folder, "bin", "sudo"), standIn(sshd.folder), { mode: 0o755 });
    const spec = { name: "node1", address: addressOf(sshd), nodes: [0] };
    const link = await openLink(spec, await sshOptions(sshd));
    const timeoutMs = 30_000;
    host = openSshHost({ name: "node1", description: "ubuntu@node1:22", link, isRoot: false, timeoutMs });
  });

  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await sshd?.[Symbol.asyncDispose]();
  });

  test("runs as root by sudo, never with a password asked for; what sudo warns of is none of the command's", async () => {
    const result = await host.exec(["printf", "%s", "$(id); it's"], { ...limits, asRoot: true });
    expect(result).toEqual({ exitCode: 0, stdout: "$(id); it's", stderr: "" });
    expect(await readFile(join(sshd.folder, "calls"), "utf8")).toBe("-n -- C\n");
    await host.exec(["true"], limits);
    expect(await readFile(join(sshd.folder, "calls"), "utf8")).toBe("-n -- C\n");
  });

  test("ends as root what it started as root", async () => {
    const aborted = new AbortController();
    let pid = 0;
    const running = host.exec(["sh", "-c", "echo $$; exec sleep 1000"], {
      ...limits,
      asRoot: true,
      signal: aborted.signal,
      onLine: (line) => {
        pid = Number(line);
        aborted.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
    expect(pid).toBeGreaterThan(1);
    expect(await readProcess(pid)).toBeUndefined();
    expect((await readFile(join(sshd.folder, "calls"), "utf8")).trim().split("\n")).toHaveLength(3);
  });

  test("says so where sudo wants a password, for each way to run something", async () => {
    await writeFile(join(sshd.folder, "refusal"), "sudo: a password is required\n");
    const asRoot = { asRoot: true };
    for (const work of [
      () => host.exec(["true"], { ...limits, ...asRoot, allowFailure: true }),
      () => host.start(["true"], asRoot),
      () => host.connectCommand(["true"], asRoot),
    ]) {
      await expect(work()).rejects.toMatchObject({
        code: "host-sudo-password",
        host: "node1",
        message: expect.stringMatching(/on node1 \(ubuntu@.*NOPASSWD/),
      });
    }
  });
});
