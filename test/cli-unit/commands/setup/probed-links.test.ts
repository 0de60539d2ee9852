import { describe, expect, test } from "vitest";
import { runLinks } from "../../../../src/cli/commands/setup/links.ts";
import type { CommandBackend } from "../../../../src/cli/terminal/command-backend.ts";
import { openCommandBackend } from "../../../../src/cli/terminal/command-backend.ts";
import type { HostPath } from "../../../../src/contracts/hosts/host-report.ts";
import { parseLinks } from "../../../../src/links/parse.ts";
import { resolveLinks } from "../../../../src/links/resolve.ts";
import { runAlone } from "../../command-setting.ts";

const three =
  "MYSTICETI_NODE0_HOST=10.0.1.10\nMYSTICETI_NODE1_HOST=10.0.1.11\nMYSTICETI_NODE2_HOST=10.0.1.12\n";
const path = (from: number, to: number, rttsMs: readonly number[], why?: string): HostPath => ({
  ...{ from: `host${from}`, to: `host${to}`, at: `10.0.1.1${to}:22`, rttsMs, why },
});
const all = [
  path(0, 1, [80, 82, 90]),
  path(1, 0, [80, 81, 120]),
  path(0, 2, [200]),
  path(2, 0, [], "no answer within 3 s"),
  path(1, 2, [150]),
  path(2, 1, [152]),
];

async function probe(argv: readonly string[], paths = all, { json = false, file = three } = {}) {
  const hosts: CommandBackend["hosts"] = {
    ...openCommandBackend({}).hosts,
    probe: async (remote, { onStep }) => {
      for (const { name } of remote.hosts) onStep(name, "measuring the round trips", "10 handshakes");
      return paths;
    },
  };
  return await runAlone(argv, {
    command: runLinks,
    name: "links",
    settings: { json },
    backend: { hosts },
    file,
  });
}

describe("links --probe", () => {
  test("shows the delays between the hosts", async () => {
    const { code, stdout, stderr } = await probe(["--probe", "--hosts=h.env"]);
    expect([code, stderr]).toEqual([0, expect.stringMatching(/^host0: measuring the round trips \(10 /)]);
    expect(stdout).toMatch(/^host0 +- +41 +100$/m);
    expect(stdout).toMatch(/^host2 +- +76 +-$/m);
    expect(stdout).toContain("\n  host2 → host0 (10.0.1.10:22): no answer within 3 s\n");
  });

  test("--json has a links file, for committees of any size", async () => {
    const { code, stdout } = await probe(["--probe", "--hosts=h.env"], all, { json: true });
    const { links } = JSON.parse(stdout) as { links: unknown };
    const { spec, diagnostics } = parseLinks(JSON.stringify(links), "measured.yaml");
    expect([code, diagnostics]).toEqual([0, []]);
    expect(spec).toMatchObject({ title: "Measured between 3 hosts", date: expect.stringMatching(/^\d{4}-/) });
    const nodes = Array.from({ length: 7 }, (_, place) => ({ name: `node${place}`, group: "validator" }));
    const { matrix } = resolveLinks(spec ?? expect.fail("it is no links file"), nodes);
    // Of 80, 80, 81, 82, 90 and 120, whichever direction.
    expect(matrix?.shapes[0]?.[1]?.delayMs).toBe(40.75);
    expect(matrix?.shapes[1]?.[0]?.delayMs).toBe(40.75);
    expect(matrix?.shapes[5]?.[3]?.delayMs).toBe(100);
    expect(matrix?.shapes[4]?.[2]?.delayMs).toBe(75.5);
  });

  test("there is no links file where a pair would have no delay in it, and that is a failure", async () => {
    const paths = all.map((one) =>
      one.from === "host1" || one.to === "host1" ? { ...one, rttsMs: [] } : one,
    );
    const { code, stdout } = await probe(["--probe", "--hosts=h.env"], paths, { json: true });
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { unmeasured: ["host0 and host1", "host1 and host2"] },
    ]);
    expect(JSON.parse(stdout)).not.toHaveProperty("links");
  });

  test.each<[string, readonly string[], string, RegExp]>([
    ["a map", ["aws-5", "--probe", "--hosts=h.env"], three, /^aws-5: "links --probe" measures hosts/],
    ["a committee", ["--probe", "--hosts=h.env", "--committee=4"], three, /^--committee: .*does not use it/],
    ["one host", ["--probe", "--hosts=h.env"], "MYSTICETI_NODE0_HOST=10.0.1.10", /there is only one/],
    ["no hosts", ["--probe"], "", /^There are no hosts/],
    [
      "hosts for a map",
      ["aws-5", "--hosts=h.env"],
      three,
      /^--hosts: "links without --probe" does not use it/,
    ],
  ])("refuses %s", async (_, argv, file, message) => {
    const { code, diagnostics } = await probe(argv, all, { file });
    expect([code, diagnostics]).toEqual([2, [expect.stringMatching(message)]]);
  });
});
