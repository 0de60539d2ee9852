import { expect, test } from "vitest";
import { type AccessOptions, type AskedRequest, decideAccess } from "../../../src/server/http/access.ts";

const here: AccessOptions = { listen: "127.0.0.1", port: 9904 };
const token = "a-token-of-some-length";
const away: AccessOptions = { listen: "bench.example", port: 9904, token };
const get = (headers: AskedRequest["headers"] = {}, url = "/run?bundle=B"): AskedRequest => ({
  method: "GET",
  url,
  headers: { host: "127.0.0.1:9904", ...headers },
});
const decide = (request: AskedRequest, options: AccessOptions) => {
  const decision = decideAccess(request, options);
  return decision.kind === "refused" ? decision.status : decision.kind;
};

test.each([
  ["a page on loopback", get(), here, "allowed"],
  ["localhost", get({ host: "localhost:9904" }), here, "allowed"],
  ["IPv6", get({ host: "[::1]:9904" }), here, "allowed"],
  ["its own origin", get({ origin: "http://127.0.0.1:9904" }), here, "allowed"],
  ["another origin", get({ origin: "http://evil.example" }), here, 403],
  ["another port's origin", get({ origin: "http://127.0.0.1:9905" }), here, 403],
  ["the origin of a file", get({ origin: "null" }), here, 403],
  ["a name that was rebound", get({ host: "evil.example:9904" }), here, 403],
  ["another port", get({ host: "127.0.0.1:80" }), here, 403],
  ["no host", { ...get(), headers: {} }, here, 403],
  ["a POST", { ...get(), method: "POST" }, here, 405],
  ["a preflight", { ...get(), method: "OPTIONS" }, here, 405],
  ["a body", get({ "content-length": "1073741824" }), here, 413],
  ["a body of unknown length", get({ "transfer-encoding": "chunked" }), here, 413],
  ["another site's address", get({}, "//evil.example/"), here, 400],
  ["no token", get(), away, 401],
  ["its name without a token", get({ host: "bench.example:9904" }), away, 401],
  ["a wrong token", get({ authorization: "Bearer a-token-of-some-lengti" }), away, 401],
  ["a wrong token in the address", get({}, "/?token=x"), away, 401],
  ["a wrong cookie", get({ cookie: "baleen-9904=x" }), away, 401],
  ["another port's cookie", get({ cookie: `baleen-9905=${token}` }), away, 401],
  ["the token in a header", get({ authorization: `Bearer ${token}` }), away, "allowed"],
  ["the token in a cookie", get({ cookie: `a=b; baleen-9904=${token}` }), away, "allowed"],
  [
    "the token and another origin",
    get({ authorization: `Bearer ${token}`, origin: "https://evil.example" }),
    away,
    403,
  ],
])("%s: %#", (_, request, options, expected) => {
  expect(decide(request, options)).toBe(expected);
});

const taking = { ...here, receivesEvents: true };
const push = (headers: AskedRequest["headers"] = {}, url = "/events?stream=a"): AskedRequest => ({
  ...get({ "content-type": "application/x-ndjson", "content-length": "8", ...headers }, url),
  method: "POST",
});

test.each([
  ["events", push(), taking, "allowed"],
  [
    "events of unknown length",
    push({ "content-length": undefined, "transfer-encoding": "chunked" }),
    taking,
    "allowed",
  ],
  ["events where none are taken", push(), here, 405],
  ["another path", push({}, "/events2"), taking, 405],
  ["a form of another page", push({ "content-type": "text/plain" }), taking, 415],
  ["another origin", push({ origin: "http://evil.example" }), taking, 403],
  ["no token", push(), { ...away, receivesEvents: true }, 401],
  ["the token", push({ authorization: `Bearer ${token}` }), { ...away, receivesEvents: true }, "allowed"],
])("a push of %s: %#", (_, request, options, expected) => {
  expect(decide(request, options)).toBe(expected);
});

test("the first address sets a cookie, and sends on to itself without the token", () => {
  expect(decideAccess(get({}, `/run?bundle=B&token=${token}`), away)).toEqual({
    kind: "signed-in",
    location: "/run?bundle=B",
    cookie: `baleen-9904=${token}; Path=/; HttpOnly; SameSite=Lax`,
  });
});
