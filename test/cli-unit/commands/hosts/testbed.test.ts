import { describe, expect, test } from "vitest";
import { runTestbed } from "../../../../src/cli/commands/hosts/testbed.ts";
import { systemClock } from "../../../../src/core/clock.ts";
import type { ListedTestbed, Testbed } from "../../../../src/deploy/chosen-deployer.ts";
import { runAlone } from "../../command-setting.ts";

/** Remembers what was asked, and makes that many hosts. */
function madeUp(removed: readonly string[] = [], listed: readonly ListedTestbed[] = []) {
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
    list: async () => listed,
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
    expect(asked).toEqual([{ name: "default", count: 4, docker: false, hostsFile: "./testbed.env" }]);
  });

  test("with a name, they have a hosts file of that name, and go by it", async () => {
    const { room, asked } = madeUp();
    const { stdout } = await testbed(["up", "--name=second"], room);
    expect(asked).toEqual([{ name: "second", count: 4, docker: true, hostsFile: "./testbed-second.env" }]);
    expect(stdout).toContain("\nHosts file: ./testbed-second.env\n");
    expect(stdout).toMatch(/\nRemove them with:\n {2}npx baleen testbed down --name second\n$/);
    await testbed(["up", "--name=second", "--hosts-file=x.env"], room);
    expect(asked.at(-1)).toMatchObject({ name: "second", hostsFile: "x.env" });
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
    [["ls", "--name=x"], '--name: "testbed ls" does not use it. Remove it.'],
    [[], "what to do is missing. Give up, ls or down."],
    ...["Second", "a".repeat(21), "../x", "a b", "a_b"].map((name): [string[], string] => [
      ["up", `--name=${name}`],
      `--name: "${name}" cannot be used. Give 1 to 20 lower-case letters, digits and hyphens.`,
    ]),
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
    expect(asked).toEqual([{ name: "default", images: true }]);
    await testbed(["down", "--name=second"], room);
    expect(asked.at(-1)).toEqual({ name: "second", images: false });
  });

  test("and that nothing was there", async () => {
    expect((await testbed(["down"], madeUp().room)).stdout).toBe("No test hosts are left.\n");
    const { stdout } = await testbed(["down"], madeUp().room, { json: true });
    expect(JSON.parse(stdout)).toEqual({ removed: [] });
  });
});

describe("testbed ls", () => {
  const createdAtMs = systemClock.wallMs() - 3 * 3_600_000;
  const host = (name: string, address: string | undefined, state = "running") => ({ name, address, state });
  const used = { run: "3f9c12ab", holder: "alice@laptop, process 7", since: "2026-01-01T00:00:00.000Z" };
  const listed: ListedTestbed[] = [
    {
      name: "default",
      hosts: [
        host("baleen-testbed-0", "ubuntu@127.0.1.1:22"),
        host("baleen-testbed-1", "ubuntu@127.0.1.2:22"),
      ],
      image: "baleen/testhost:0123456789abcdef",
      createdAtMs,
      hostsFile: "/home/alice/testbed.env",
      usedBy: [used],
    },
    {
      name: "second",
      hosts: [host("baleen-testbed-second-0", undefined, "exited")],
      image: undefined,
      createdAtMs: undefined,
      hostsFile: undefined,
      usedBy: [],
    },
  ];

  test("shows where they are, and which run uses them", async () => {
    expect((await testbed(["ls"], madeUp([], listed).room)).stdout).toBe(
      `Name    Hosts               Image                            Age In use by run
------------------------------------------------------------------------------
default ubuntu@127.0.1.1:22 baleen/testhost:0123456789abcdef 3 h 3f9c12ab
        ubuntu@127.0.1.2:22
second  exited              -                                  - -
`,
    );
  });

  test("as JSON, and where there are none", async () => {
    const { stdout } = await testbed(["ls"], madeUp([], listed).room, { json: true });
    expect(JSON.parse(stdout)).toEqual({
      testbeds: [
        {
          name: "default",
          hosts: listed[0]?.hosts,
          image: "baleen/testhost:0123456789abcdef",
          created: new Date(createdAtMs).toISOString(),
          hosts_file: "/home/alice/testbed.env",
          used_by: [used],
        },
        { name: "second", hosts: [{ name: "baleen-testbed-second-0", state: "exited" }], used_by: [] },
      ],
    });
    expect((await testbed(["ls"], madeUp().room)).stdout).toBe(
      "There are no test hosts. Create some with: npx baleen testbed up\n",
    );
  });
});
