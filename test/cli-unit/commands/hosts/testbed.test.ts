import { describe, expect, test } from "vitest";
import { runTestbed } from "../../../../src/cli/commands/hosts/testbed.ts";
import type { Testbed } from "../../../../src/deploy/chosen-deployer.ts";
import { runAlone } from "../../command-setting.ts";

/** Remembers what was asked, and makes that many hosts. */
function madeUp(removed: readonly string[] = []) {
  const asked: unknown[] = [];
  const room: Testbed = {
    up: async (request, { onStep }) => {
      asked.push(request);
      onStep("host0", "starting");
      const hosts = Array.from({ length: request.count }, (_, index) => ({
        name: `host${index}`,
        address: `ubuntu@127.0.1.${index + 1}:22`,
      }));
      return { hosts, hostsFile: request.hostsFile };
    },
    down: async (request) => {
      asked.push(request);
      return removed;
    },
  };
  return { asked, room };
}

const testbed = (argv: readonly string[], room: Testbed, settings = {}) =>
  runAlone(argv, { command: runTestbed, name: "testbed", backend: { testbed: room }, settings });

describe("testbed up", () => {
  test("says how the hosts are used and removed", async () => {
    const { room, asked } = madeUp();
    expect(await testbed(["up", "--no-docker"], room)).toEqual({
      code: 0,
      stderr: "host0: starting\n",
      stdout: `Test hosts: 4
  host0  ubuntu@127.0.1.1:22
  host1  ubuntu@127.0.1.2:22
  host2  ubuntu@127.0.1.3:22
  host3  ubuntu@127.0.1.4:22
Hosts file: ./testbed.env

Use them with:
  npx benchmark --network-type remote --hosts ./testbed.env --loads 50,100 --duration 10 --cleanup-thorough
Remove them with:
  npx baleen testbed down
`,
    });
    expect(asked).toEqual([{ count: 4, docker: false, hostsFile: "./testbed.env" }]);
  });

  test("the command that is shown can be pasted, whatever the file is called", async () => {
    const { stdout } = await testbed(["up", "--count=2", "--hosts-file=it's $(mine).env"], madeUp().room);
    expect(stdout).toContain(" --hosts 'it'\\''s $(mine).env' --committee 2 --allow-no-faults --loads ");
  });

  test.each<[string[], string]>([
    [
      ["up", "--count=17"],
      "--count: 17 is above the maximum of 16 hosts. Give a whole number of hosts from 1 to 16.",
    ],
    [["up", "--images"], '--images: "testbed up" does not use it. Remove it.'],
    [["down", "--count=2"], '--count: "testbed down" does not use it. Remove it.'],
    [[], "what to do is missing. Give up or down."],
  ])("%j is refused", async (argv, diagnostic) => {
    const { room, asked } = madeUp();
    expect(await testbed(argv, room)).toMatchObject({ code: 2, diagnostics: [diagnostic] });
    expect(asked).toEqual([]);
  });
});

describe("testbed down", () => {
  test("says what was removed", async () => {
    const { room, asked } = madeUp(["4 containers", "the file ./testbed.env"]);
    const { stdout } = await testbed(["down", "--images"], room);
    expect(stdout).toBe("Removed:\n  4 containers\n  the file ./testbed.env\n");
    expect(asked).toEqual([{ images: true }]);
  });

  test("and that nothing was there", async () => {
    expect((await testbed(["down"], madeUp().room)).stdout).toBe("No test hosts are left.\n");
    const { stdout } = await testbed(["down"], madeUp().room, { json: true });
    expect(JSON.parse(stdout)).toEqual({ removed: [] });
  });
});
