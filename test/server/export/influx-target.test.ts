import { expect, test } from "vitest";
import { parseInfluxTarget } from "../../../src/server/export/influx/target.ts";

test.each([
  ["http://127.0.0.1:8086/?db=b", "/write?db=b&precision=ms"],
  ["http://127.0.0.1:8086?db=b", "/write?db=b&precision=ms"],
  ["https://h/write?db=b&rp=week", "/write?db=b&rp=week&precision=ms"],
  ["https://h/influx/?org=o&bucket=b%20c", "/influx/api/v2/write?org=o&bucket=b+c&precision=ms"],
  ["http://h/api/v2/write?bucket=b", "/api/v2/write?bucket=b&precision=ms"],
])("%s is written to at %s", (url, path) => {
  expect(parseInfluxTarget(url, undefined)).toMatchObject({ target: { path, url } });
});

test.each([
  ["nowhere", /not a URL/],
  ["file:///etc/passwd?db=b", /not a URL/],
  ["http://h/", /either db or bucket/],
  ["http://h/?db=a&bucket=b", /either db or bucket/],
  ["http://h/?db=a&precision=s", /unknown parameter "precision"/],
  ["http://me:hunter2@h/?db=a", /credentials.*BALEEN_INFLUX_TOKEN/],
  ["http://h/?db=a&u=me&p=hunter2", /credentials/],
  ["http://h/?bucket=a&token=hunter2", /credentials/],
])("%s is refused, and no secret in it is repeated", (url, reason) => {
  const parsed = parseInfluxTarget(url, undefined);
  expect(parsed).toMatchObject({ problem: expect.stringMatching(reason) });
  expect(JSON.stringify(parsed)).not.toContain("hunter2");
});

test.each([
  ["http://h/?db=b", "me:secret", "Basic bWU6c2VjcmV0"],
  ["http://h/?db=b", "abc", "Token abc"],
  ["http://h/?bucket=b", "a:b==", "Token a:b=="],
])("%s with %s authorizes with %s", (url, token, authorization) => {
  expect(parseInfluxTarget(url, token)).toMatchObject({ target: { headers: { authorization } } });
});

test("a token that would break a header is refused", () => {
  expect(parseInfluxTarget("http://h/?db=b", "a\r\nb")).toHaveProperty("problem");
});
