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

const changing = { ...here, changeKey: "a-key" };
const change = (headers: AskedRequest["headers"] = {}, url = "/api/links?bundle=B"): AskedRequest => ({
  ...get({ "content-type": "application/json", authorization: "Bearer a-key", ...headers }, url),
  method: "POST",
});

test.each([
  ["a change of links", change(), changing, "allowed"],
  ["from its own page", change({ origin: "http://127.0.0.1:9904" }), changing, "allowed"],
  ["without the key", change({ authorization: undefined }), changing, 401],
  ["with another key", change({ authorization: "Bearer a-kez" }), changing, 401],
  ["by another site's page", change({ origin: "http://evil.example" }), changing, 403],
  ["at a name that was rebound", change({ host: "evil.example:9904" }), changing, 403],
  ["as a form", change({ "content-type": "text/plain" }), changing, 415],
  ["elsewhere", change({}, "/api/linksome"), changing, 405],
  ["where nobody may", change(), here, 405],
])("%s: change %#", (_, request, options, expected) => {
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

const tests = { ...here, clientOrigins: ["http://localhost:7654", "https://pages.example"] };
const testsAway = { ...away, clientOrigins: tests.clientOrigins };
const client = { origin: "http://localhost:7654" };
const ofTest =
  (method: string) =>
  (headers: AskedRequest["headers"] = {}, url = "/test/a"): AskedRequest => ({
    ...get(headers, url),
    method,
  });
const create = ofTest("POST");
const put = ofTest("PUT");
const preflight = ofTest("OPTIONS");
const asks = { "access-control-request-method": "PUT" };
const json = { "content-type": "application/json", "content-length": "2" };

test.each([
  ["a program that creates one", create(), tests, "allowed"],
  [
    "a program that sends JSON",
    put({ ...json, "content-type": "application/json; charset=utf-8" }),
    tests,
    "allowed",
  ],
  ["a client's page", create({ ...client, ...json }), tests, "allowed"],
  ["a second origin", get({ origin: "https://pages.example" }, "/test/a?dataPoints=true"), tests, "allowed"],
  ["the server's own page", put({ origin: "http://127.0.0.1:9904" }), tests, "allowed"],
  ["a client's page that asks how the server is", get(client, "/status"), tests, "allowed"],
  ["a client's page that reads the OpenAPI document", get(client, "/test-api.json"), tests, "allowed"],
  ["a preflight of a client's page", preflight({ ...client, ...asks }), tests, "preflight"],
  ["a preflight of another page", preflight({ origin: "http://evil.example", ...asks }), tests, 403],
  ["a preflight without a method", preflight(client), tests, 405],
  ["another origin", get({ origin: "http://evil.example" }, "/test/a"), tests, 403],
  ["another port's origin", get({ origin: "http://localhost:7655" }, "/test/a"), tests, 403],
  ["a longer origin", get({ origin: "http://localhost:76540" }, "/test/a"), tests, 403],
  ["the origin of a file", create({ origin: "null" }), tests, 403],
  ["a client's page that asks for another page", get(client, "/api/bundles"), tests, 403],
  ["a client's page and a path that only begins so", get(client, "/tests"), tests, 403],
  ["a client's page and an escaped path", get(client, "/%74est/a"), tests, 403],
  [
    "a simple request of another page",
    create({ origin: "http://evil.example", "content-length": "0" }),
    tests,
    403,
  ],
  ["a form of a page without an origin", create({ "sec-fetch-site": "cross-site" }), tests, 403],
  ["a form of another port's page", create({ "sec-fetch-site": "same-site" }), tests, 403],
  ["an address that a person opened", get({ "sec-fetch-site": "none" }, "/test/a"), tests, "allowed"],
  ["text of a client's page", create({ ...client, ...json, "content-type": "text/plain" }), tests, 415],
  ["a type that only begins so", create({ ...json, "content-type": "application/json-seq" }), tests, 415],
  ["a body without a type", create({ "content-length": "2" }), tests, 415],
  ["a body of unknown length without a type", create({ "transfer-encoding": "chunked" }), tests, 415],
  ["a GET with a body", get(json, "/test/a"), tests, 413],
  ["another method", ofTest("DELETE")(), tests, 405],
  ["a name that was rebound", create({ host: "evil.example:9904" }), tests, 403],
  ["another site's address", get({}, "//evil.example/test"), tests, 400],
  ["a server without tests", create(), here, 405],
  ["a preflight of a server without tests", preflight({ ...client, ...asks }), here, 405],
  ["no token", create(client), testsAway, 401],
  ["a wrong token in the address", create(client, "/test/a?token=a-token-of-some-lengti"), testsAway, 401],
  ["the token in the address", create(client, `/test/a?token=${token}`), testsAway, "allowed"],
  ["the token in a header", get({ authorization: `Bearer ${token}` }, "/test/a"), testsAway, "allowed"],
  ["the token in a cookie", get({ cookie: `baleen-9904=${token}` }, "/test/a"), testsAway, "allowed"],
  [
    "the token and another origin",
    get({ origin: "http://evil.example" }, `/test?token=${token}`),
    testsAway,
    403,
  ],
  ["a preflight, which shows no token", preflight({ ...client, ...asks }), testsAway, "preflight"],
  ["a token that is not needed", get({}, "/test/a?token=whatever"), tests, "allowed"],
])("of tests, %s: %#", (_, request, options, expected) => {
  expect(decide(request, options)).toBe(expected);
});
