import { expect, test } from "vitest";
import { crossOriginHeaders, isTestPath, withTokenInQuery } from "../../../src/server/http/test-paths.ts";

const token = "a-token-of-some-length";

test.each([
  ["/test", true],
  ["/test?dataPoints=true", true],
  ["/test/a/peer/b/metrics", true],
  ["/status?x", true],
  ["/test-api.json", true],
  ["/tests", false],
  ["/test-api.jsonx", false],
  ["/", false],
  ["//test", false],
  ["/api/test/", false],
])("%s is a path of tests: %s", (url, expected) => {
  expect(isTestPath(url)).toBe(expected);
});

test.each([
  [`/token/${token}/test/a`, `/test/a?token=${token}`],
  [`/token/${token}/test/a?dataPoints=true`, `/test/a?dataPoints=true&token=${token}`],
  [`/token/${token}/status`, `/status?token=${token}`],
  [`/token/${token}/api/bundles`, `/token/${token}/api/bundles`],
  [`/token/${token}//evil.example/test`, `/token/${token}//evil.example/test`],
  ["/token/short/test/a", "/token/short/test/a"],
  ["/test/a", "/test/a"],
])("%s is %s", (url, expected) => {
  expect(withTokenInQuery(url)).toBe(expected);
});

test("only allowed origins may read, and only of tests", () => {
  const headersFor = (origin: string | undefined, url = "/test/a", method = "GET") =>
    crossOriginHeaders({ method, url, headers: { origin } }, ["http://localhost:7654"]);
  const allowed = { vary: "origin", "access-control-allow-origin": "http://localhost:7654" };
  expect(headersFor("http://localhost:7654")).toEqual(allowed);
  expect(headersFor("http://localhost:7654", "/test/a", "OPTIONS")).toMatchObject({
    ...allowed,
    "access-control-allow-methods": "GET, POST, PUT",
    "access-control-allow-headers": "authorization, content-type",
  });
  expect(headersFor("http://evil.example")).toEqual({ vary: "origin" });
  expect(headersFor(undefined)).toEqual({ vary: "origin" });
  expect(headersFor("http://localhost:7654", "/api/bundles")).toEqual({});
});
