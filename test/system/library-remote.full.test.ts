/** The library on hosts: deployed to, loaded, looked at. */
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { makeTemporaryFolder } from "../results/temporary-folder.ts";
import { startTestHosts, testHostsLimitMs, whyNoTestHosts } from "../support/test-hosts.ts";

const example = fileURLToPath(new URL("../../examples/library-remote.ts", import.meta.url));

describe.skipIf(whyNoTestHosts !== undefined)(`on test hosts ${whyNoTestHosts ?? ""}`, () => {
  test("the example for hosts runs as it stands, on the built package", {
    timeout: testHostsLimitMs,
  }, async () => {
    await using folder = await makeTemporaryFolder();
    await using hosts = await startTestHosts({ count: 2, docker: true });
    const described = hosts.hosts.map(({ sshPort, ...host }, index) => ({
      ...{ name: `host${index}`, address: host.address, port: sshPort, user: host.user },
      ...{ keyFile: host.keyFile, privateAddress: host.privateAddress },
      nodes: [2 * index, 2 * index + 1],
    }));
    const file = join(folder.path, "hosts.json");
    await writeFile(file, JSON.stringify(described));
    const { stdout } = await promisify(execFile)(process.execPath, [example, file, hosts.knownHostsFile], {
      env: { ...process.env, TMPDIR: folder.path },
      timeout: testHostsLimitMs,
    });
    for (const node of [0, 1, 2, 3]) {
      const line = new RegExp(
        `^node${node} on host${node >> 1}: up, driven by (process \\d+|\\S+, process \\d+); its log ends \\{.*\\}$`,
        "m",
      );
      expect(stdout).toMatch(line);
    }
    expect(stdout).toMatch(/^250 committed, 0 failed: (valid|generator-limited)$/m);
    for (const index of [0, 1]) expect(await hosts.inside(index, "docker", "ps", "-aq")).toBe("");
  });
});
