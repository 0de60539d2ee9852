import { execPath } from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runInUserModeLinux, whyNoUserModeLinux } from "../support/user-mode-linux.ts";

const benchmark = fileURLToPath(new URL("../../bin/benchmark.js", import.meta.url));
const modules = ["sch_netem", "sch_htb", "cls_u32", "veth", "bridge"];
const askedMs = 25;
const command = [
  `${execPath} ${benchmark} --runtime process --committee 4 --loads 20 --duration 8`,
  `--delay ${askedMs}ms --link-mechanism netem --startup-wait 120 --output-dir out --quiet`,
].join(" ");
const script = [
  "mkdir -p /run/home /run/tmp && cd /run && export HOME=/run/home TMPDIR=/run/tmp",
  `${command}; echo "EXIT $?"`,
  'echo "LINKS $(cat out/*/links-1.json | tr -d "\\n")"',
  'echo "LEFT $(tc qdisc show | grep -c netem) $(ip netns | wc -l)"',
].join("\n");

test.skipIf(whyNoUserModeLinux !== undefined)(
  `where the kernel has netem, a committee of plain processes is benchmarked behind it ${whyNoUserModeLinux ?? ""}`,
  { timeout: 300_000 },
  async () => {
    const said = await runInUserModeLinux(["sh", "-c", script], {
      modules,
      timeoutMs: 280_000,
      memory: "2048M",
    });
    const lineOf = (name: string) =>
      said
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length)
        .trim() ?? expect.fail(said);
    // That kernel runs Node.js several times slower than this one: clients may be late, and nothing else.
    expect(["0", "3"]).toContain(lineOf("EXIT"));
    const { mechanism, links } = JSON.parse(lineOf("LINKS"));
    expect(mechanism).toBe("netem");
    expect(links).toHaveLength(12);
    for (const { before, after } of links) {
      for (const { received, p50_ms } of [before, after]) {
        expect(received).toBeGreaterThan(0);
        expect(p50_ms).toBeGreaterThan(askedMs - 1);
        expect(p50_ms).toBeLessThan(askedMs + 8);
      }
    }
    expect(lineOf("LEFT")).toBe("0 0");
  },
);
