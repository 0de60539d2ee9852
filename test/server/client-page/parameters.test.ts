import { expect, test } from "vitest";
import { parseParameters } from "../../../src/server/client-page/browser/parameters.ts";

const parse = (query: string) => parseParameters(new URLSearchParams(query));

test("without a query, the defaults hold", () => {
  expect(parse("")).toEqual({
    testDurationMs: 180_000,
    statsSubmitIntervalMs: 2_000,
    lighthouseUrl: "http://localhost:9000",
    statsServerUrl: "http://localhost:9904",
    testId: undefined,
    peerId: undefined,
    routine: "comms",
    iceServers: [],
  });
});

test("every parameter of the query is read", () => {
  const query =
    "testDuration=10&statsSubmitInterval=500&lighthouseUrl=https://a.example/&statsServerUrl=http://b.example:1/x&testId=t&peerId=p&routine=walk&iceServer=stun:s&iceServer=turn:t";
  expect(parse(query)).toEqual({
    testDurationMs: 10_000,
    statsSubmitIntervalMs: 500,
    lighthouseUrl: "https://a.example",
    statsServerUrl: "http://b.example:1/x",
    testId: "t",
    peerId: "p",
    routine: "walk",
    iceServers: ["stun:s", "turn:t"],
  });
});

test("everything that is wrong is named at once", () => {
  expect(() =>
    parse("testDuration=soon&statsSubmitInterval=1&lighthouseUrl=ftp://x&statsServerUrl=x"),
  ).toThrow(
    "testDuration: expected a number from 0.1 to 604800; statsSubmitInterval: expected a number from 100 to 3600000; lighthouseUrl: expected an http or https URL; statsServerUrl: expected an http or https URL",
  );
});
