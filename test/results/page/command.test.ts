import { expect, test } from "vitest";
import { repeatCommand } from "../../../src/results/page/command.ts";
import { buildParametersJson } from "../../../src/results/schema/parameters.ts";
import { sweepParameters } from "../sample-results.ts";

const commandOf = (change: object) => repeatCommand(buildParametersJson({ ...sweepParameters, ...change }));

test("the command that repeats a sweep says what differs from the defaults, quoted for a shell", () => {
  const { command } = commandOf({
    seed: "it's; rm -rf /",
    runs: 5,
    durationSecs: 60,
    failover: true,
    cleanup: "thorough",
  });
  expect(command).toMatch(/^npx baleen benchmark --network-type local /);
  for (const flag of ["--runs 5", "--duration 60", "--failover", "--cleanup-thorough"])
    expect(command).toContain(flag);
  expect(command).toContain(String.raw`--seed 'it'\''s; rm -rf /'`);
  expect(command).not.toContain("--drain");
});

test("a test in browsers is repeated by its own command, which makes their page", () => {
  const protocol = { ...sweepParameters.protocol, name: "browsers", native: true, routines: true };
  const protocolOptions = { library: "/my library", page: "4f", statsSubmitIntervalMs: 500 };
  const { command } = commandOf({ protocol, protocolOptions, committee: 5 });
  expect(command).toMatch(/^npx baleen browsers --local /);
  expect(command).toContain("--peers 5");
  expect(command).toContain("--protocol-option 'library=/my library'");
  expect(command).toContain("--protocol-option 'statsSubmitIntervalMs=500'");
  expect(command).not.toMatch(/page=|--protocol |--committee/);
  expect(commandOf({ protocol, networkType: "remote" }).command).toMatch(
    /^npx baleen browsers --network-type remote /,
  );
});

test("what no flag says is named", () => {
  expect(commandOf({}).unsaid).toEqual([]);
  expect(commandOf({ profile: { kind: "ramp", from: 0, to: 1 } }).unsaid).toEqual(["profile"]);
});
