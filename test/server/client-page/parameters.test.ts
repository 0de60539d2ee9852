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
    messagesPerSec: undefined,
    iceServers: [],
  });
});

test("every parameter of the query is read", () => {
  const query =
    "testDuration=10&statsSubmitInterval=500&lighthouseUrl=https://a.example/&statsServerUrl=http://b.example:1/x&testId=t&peerId=p&routine=walk&messagesPerSec=22.5&iceServer=stun:s&iceServer=turn:t";
  expect(parse(query)).toEqual({
    testDurationMs: 10_000,
    statsSubmitIntervalMs: 500,
    lighthouseUrl: "https://a.example",
    statsServerUrl: "http://b.example:1/x",
    testId: "t",
    peerId: "p",
    routine: "walk",
    messagesPerSec: 22.5,
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

test.each(["0", "-1", "10001", "fast", "Infinity"])("a rate of %s is refused", (rate) => {
  const message = "messagesPerSec: expected a number above 0, at most 10000";
  expect(() => parse(`messagesPerSec=${rate}`)).toThrow(message);
});

test("the bounds of the rate are allowed", () => {
  expect(parse("messagesPerSec=10000").messagesPerSec).toBe(10_000);
  expect(parse("messagesPerSec=0.01").messagesPerSec).toBe(0.01);
  expect(parse("messagesPerSec=").messagesPerSec).toBeUndefined();
});
