import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { type GivenParameters, openParameters } from "../../../src/options/checks/given.ts";
import { planVariation } from "../../../src/options/checks/vary.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

function planGiven(given: GivenParameters) {
  const reader = openParameters(given);
  const planned = planVariation(reader);
  return { planned, messages: reader.diagnostics.map(({ message }) => message) };
}

const plan = (values: Record<string, unknown>) => planGiven(givenFrom(values));
/** What all points come to, and what is wrong with any of them. */
function check(values: Record<string, unknown>) {
  const { planned, messages } = plan(values);
  expect(messages).toEqual([]);
  const points = (planned?.points ?? []).map(({ given }) => checkParameters(given, mysticeti));
  return {
    planned,
    parameters: points.map(({ parameters }) => parameters),
    messages: points.flatMap(({ diagnostics }) => diagnostics.map(({ message }) => message)),
  };
}

describe("what is varied", () => {
  test("is one option, with a sweep for each of its values", () => {
    const { planned, parameters, messages } = check({ vary: "committee=4,7,10", duration: 3 });
    expect(messages).toEqual([]);
    expect(planned?.options).toEqual([{ name: "committee", values: [4, 7, 10] }]);
    expect(planned?.points.map(({ name, values }) => [name, values])).toEqual([
      ["committee=4", [4]],
      ["committee=7", [7]],
      ["committee=10", [10]],
    ]);
    expect(parameters.map(({ committee, durationSecs }) => [committee, durationSecs])).toEqual([
      [4, 3],
      [7, 3],
      [10, 3],
    ]);
  });

  test("is two options, with a sweep for each pair, the second one changing first", () => {
    const { planned, parameters } = check({ vary: { committee: [4, 7], transaction_size: "128,512" } });
    expect(planned?.points.map(({ name }) => name)).toEqual([
      "committee=4,transaction-size=128",
      "committee=4,transaction-size=512",
      "committee=7,transaction-size=128",
      "committee=7,transaction-size=512",
    ]);
    expect(parameters.map((one) => [one.committee, one.transactionSizeBytes])).toEqual([
      [4, 128],
      [4, 512],
      [7, 128],
      [7, 512],
    ]);
  });

  test.each([
    ["protocol.minRoundDelay=10,50"],
    ["protocol.minRoundDelayMs=10,50"],
    ["protocol.min-round-delay-ms=10,50"],
    ["minRoundDelay=10,50"],
    ["min-round-delay=10,50"],
  ])("is an option of the protocol: %s", (vary) => {
    const { parameters, messages } = check({ vary, protocolOption: "logSync=none" });
    expect(messages).toEqual([]);
    expect(parameters.map(({ protocolOptions }) => protocolOptions)).toEqual([
      expect.objectContaining({ minRoundDelayMs: 10, logSync: "none" }),
      expect.objectContaining({ minRoundDelayMs: 50, logSync: "none" }),
    ]);
  });

  test("is two options of the protocol", () => {
    const { parameters } = check({ vary: ["protocol.minRoundDelayMs=10,50", "protocol.logSync=none,block"] });
    expect(parameters.map(({ protocolOptions: all }) => [all.minRoundDelayMs, all.logSync])).toEqual([
      [10, "none"],
      [10, "block"],
      [50, "none"],
      [50, "block"],
    ]);
  });

  test("is a delay of links, a transport, a switch, or a profile that holds commas", () => {
    expect(check({ vary: "delay=5ms,25ms" }).parameters.map(({ links }) => links?.document)).toEqual([
      { default: { delay: "5ms" } },
      { default: { delay: "25ms" } },
    ]);
    const transports = check({ vary: "transport=http,websocket" }).parameters;
    expect(transports.map(({ transport }) => transport.kind)).toEqual(["http", "websocket"]);
    const switches = check({ vary: { failover: [true, false] } }).parameters;
    expect(switches.map(({ failover }) => failover)).toEqual([true, false]);
    const profiles = check({ vary: { profile: ["constant", "steps:0.5,1"] } }).parameters;
    expect(profiles.map(({ profile }) => profile.kind)).toEqual(["constant", "steps"]);
  });

  test("stands before what a source farther away says", () => {
    const vary = { name: "--vary", value: "committee=4,7", rank: 0 };
    const committee = { name: "BALEEN_COMMITTEE", value: "10", rank: 1 };
    expect(planGiven({ vary, committee }).planned?.points).toHaveLength(2);
    const nearer = planGiven({ vary: { ...vary, rank: 2 }, committee });
    expect(nearer.messages).toEqual([
      "--vary committee: BALEEN_COMMITTEE says already what this is. Remove one of them.",
    ]);
    expect(nearer.planned).toBeUndefined();
  });

  test("is nothing where nothing is given", () => {
    expect(plan({ committee: 4 })).toEqual({ planned: undefined, messages: [] });
  });
});

test("what is wrong with the value of a point names that point", () => {
  expect(check({ vary: "committee=4,0,129" }).messages).toEqual([
    expect.stringMatching(/^vary committee=0: 0 is below the minimum of 1 nodes\./),
    expect.stringMatching(/^vary committee=129: 129 is above the maximum of 128 nodes\./),
  ]);
  expect(check({ vary: "protocol.minRoundDelay=1,x" }).messages).toEqual([
    expect.stringMatching(/^vary protocol\.minRoundDelay=x: "x" is not a number\./),
  ]);
});

describe("is refused", () => {
  test.each<[string, Record<string, unknown>, RegExp]>([
    [
      "one value",
      { vary: "committee=4" },
      /^vary committee: there is nothing to vary. Give at least two values\.$/,
    ],
    ["a value twice", { vary: "committee=4,7,4.0,4" }, /^vary committee: 4 stands there twice\./],
    ["an empty value", { vary: "committee=4,,7" }, /^vary committee: "" cannot be a value\./],
    ["no value", { vary: "committee" }, /^vary: "committee" has no value\./],
    ["nothing", { vary: "" }, /^vary: it contains no option\./],
    [
      "loads",
      { vary: "loads=100,200" },
      /^vary loads: it cannot be varied; --loads takes several values itself/,
    ],
    ["the network", { vary: "network-type=local,remote" }, /use --network-type both\.$/],
    [
      "one side's committee",
      { vary: "local-committee=4,7" },
      /^vary local-committee: it cannot be varied; use committee\.$/,
    ],
    [
      "a misspelt name",
      { vary: "comittee=4,7" },
      /^vary comittee: no such option. Did you mean committee\?$/,
    ],
    ["what changes no measurement", { vary: "output-dir=a,b" }, /^vary output-dir: it cannot be varied\./],
    ["itself", { vary: "vary=a,b" }, /^vary vary: it cannot be varied\./],
    [
      "no option of the protocol",
      { vary: "protocol.=1,2" },
      /^vary protocol\.: no such option\. Did you mean protocol\?$/,
    ],
    ["a key that objects have", { vary: "__proto__=1,2" }, /^vary __proto__: it cannot be varied\./],
    [
      "three options",
      { vary: ["seed=1,2", "committee=4,7", "duration=1,2"] },
      /^vary: 3 options are too many\./,
    ],
    ["an option twice", { vary: ["committee=4,7", "committee=10,13"] }, /^vary committee: varied twice\./],
    [
      "too many values",
      { vary: { seed: Array.from({ length: 51 }, (_, at) => at) } },
      /^vary seed: 51 values are too many/,
    ],
    [
      "too many points",
      { vary: { seed: Array.from({ length: 26 }, (_, at) => at), duration: "1,2,3,4" } },
      /^vary: 104 points are too many\. Use at most 100\.$/,
    ],
    [
      "what is given besides",
      { vary: "committee=4,7", committee: 4 },
      /^vary committee: committee says already what this is\./,
    ],
    [
      "an option of the protocol besides",
      { vary: "protocol.minRoundDelay=1,2", protocolOption: "minRoundDelayMs=3" },
      /^vary protocol\.minRoundDelay: protocolOption minRoundDelayMs says already what this is\./,
    ],
    [
      "what stands in its place",
      { vary: "duration=1,2", numTransactions: 10 },
      /^vary duration: numTransactions says already what this is\./,
    ],
    [
      "its flag besides",
      { vary: "protocol.minRoundDelayMs=1,2", minRoundDelay: 3 },
      /^vary protocol\.minRoundDelayMs: minRoundDelay says already what this is\./,
    ],
    ["a control character", { vary: { seed: ["a", "\u001b[2J"] } }, /^vary seed: .* cannot be a value\./],
    ["a table for a value", { vary: { seed: ["a", { b: 1 }] } }, /^vary seed: .* cannot be a value\./],
    ["a list in a list", { vary: [[]] }, /^vary: .* has no name\./],
    ["an empty table in a list", { vary: [{}] }, /^vary: \{\} has no name\./],
    ["a long value", { vary: { seed: ["a", "b".repeat(201)] } }, /^vary seed: .* cannot be a value\./],
  ])("%s", (_, values, message) => {
    const { planned, messages } = plan(values);
    expect(messages).toEqual([expect.stringMatching(message)]);
    expect(planned).toBeUndefined();
  });

  test("everything at once", () => {
    expect(plan({ vary: ["loads=1,2", "comittee=4,7"] }).messages).toHaveLength(2);
  });
});

test("whatever is given, it is planned or told why not", () => {
  const anything = fc.oneof(fc.string({ unit: "binary" }), fc.array(fc.string()), fc.object(), fc.anything());
  fc.assert(
    fc.property(anything, (vary) => {
      const { planned, messages } = planGiven({ vary: { name: "--vary", value: vary, rank: 0 } });
      const isNothing = typeof vary === "object" && vary !== null && Object.keys(vary).length === 0;
      expect((planned === undefined) === (messages.length > 0 || isNothing)).toBe(true);
    }),
  );
});
