import { describe, expect, test } from "vitest";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

function check(values: Record<string, unknown>) {
  const { parameters, diagnostics } = checkParameters(givenFrom({ loads: [100], ...values }), mysticeti);
  return { transport: parameters.transport, messages: diagnostics.map(({ message }) => message) };
}

describe("the way to the nodes", () => {
  test.each([
    ["http", {}, { inFlightPerConnection: 1, batchSize: 1 }],
    ["undici", {}, { inFlightPerConnection: 1, batchSize: 1 }],
    ["websocket", { inFlightPerConnection: 64 }, { inFlightPerConnection: 64, batchSize: 1 }],
    ["http-batch", {}, { inFlightPerConnection: 1, batchSize: 10 }],
    ["http-batch", { batchSize: 4 }, { inFlightPerConnection: 1, batchSize: 4 }],
    // What says nothing else than the default is no contradiction: parameters.json has it.
    ["http", { batchSize: 1 }, { inFlightPerConnection: 1, batchSize: 1 }],
    ["undici", { inFlightPerConnection: 1 }, { inFlightPerConnection: 1, batchSize: 1 }],
  ])("is %s, with what is given of it", (kind, values, rest) => {
    expect(check({ transport: kind, ...values })).toEqual({ transport: { kind, ...rest }, messages: [] });
  });

  test.each([
    [
      "a batch of another transport",
      { transport: "http", batchSize: 10 },
      /^batchSize: the transport http sends/,
    ],
    [
      "several under way by undici",
      { transport: "undici", inFlightPerConnection: 2 },
      /^inFlightPerConnection: /,
    ],
    [
      "a transport that there is not",
      { transport: "grpc" },
      /^transport: .*grpc.* http, http-batch, websocket or/,
    ],
    ["a batch of nothing", { transport: "http-batch", batchSize: 0 }, /^batchSize: /],
  ])("must not be %s", (_, values, message) => {
    const { messages } = check(values);
    expect(messages).toHaveLength(1);
    expect(messages[0]).toMatch(message);
  });
});
