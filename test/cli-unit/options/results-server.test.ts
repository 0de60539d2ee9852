/** Options of the results server: where they are looked for, and what they may be. */
import { expect, test } from "vitest";
import { readOwn } from "../../../src/cli/options/command-options.ts";
import { gatherOptions } from "../../../src/cli/options/sources.ts";
import { openStatsServer } from "../../../src/cli/terminal/influx.ts";

const readFile = () => "";
const gather = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  gatherOptions("serve", { argv, env, readFile });
const usual = { testResultsLocation: "usual", clientOrigin: ["usual"] as readonly string[] };

test.each([
  ["nothing", [], {}, "usual"],
  ["the customary variable", [], { TEST_RESULTS_LOCATION: "c" }, "c"],
  ["our variable first", [], { TEST_RESULTS_LOCATION: "c", BALEEN_TEST_RESULTS_LOCATION: "b" }, "b"],
  [
    "an empty variable, which is none",
    [],
    { TEST_RESULTS_LOCATION: "c", BALEEN_TEST_RESULTS_LOCATION: "" },
    "c",
  ],
  ["the flag first", ["--test-results-location=f"], { TEST_RESULTS_LOCATION: "c" }, "f"],
])("the folder of results, given %s", (_, argv, env, expected) => {
  const request = gather(argv, env);
  expect(readOwn(request, usual).testResultsLocation).toBe(expected);
  expect(request.diagnostics).toEqual([]);
});

test("customary variables are of no other command", () => {
  const { given } = gatherOptions("benchmark", { argv: [], env: { TEST_RESULTS_LOCATION: "c" }, readFile });
  expect(given).toEqual({});
});

test.each([
  [[], ["usual"]],
  [["--client-origin=http://a:1"], ["http://a:1"]],
  [
    ["--client-origin", "http://a:1", "--client-origin=https://b.example"],
    ["http://a:1", "https://b.example"],
  ],
  [["--client-origin=http://a:1, http://b:2"], ["http://a:1", "http://b:2"]],
])("origins given by %j are %j", (argv, expected) => {
  const request = gather(argv);
  expect(readOwn(request, usual).clientOrigin).toEqual(expected);
  expect(request.diagnostics).toEqual([]);
});

test.each(["*", "null", "localhost:7654", "http://a:1/", "http://a:80", "ftp://a", "http://A", ""])(
  "%j is no origin",
  (origin) => {
    const request = gather([`--client-origin=${origin}`]);
    readOwn(request, usual);
    expect(request.diagnostics).toMatchObject([{ message: expect.stringContaining("--client-origin") }]);
  },
);

test.each([
  ["http://localhost:8086", "/write?db=comms&precision=ms", "http://localhost:8086/?db=comms"],
  ["http://localhost:8086/", "/write?db=comms&precision=ms", "http://localhost:8086/?db=comms"],
  ["http://localhost:8086/?db=own", "/write?db=own&precision=ms", "http://localhost:8086/?db=own"],
  [
    "http://localhost:8086/?org=o&bucket=b",
    "/api/v2/write?org=o&bucket=b&precision=ms",
    "http://localhost:8086/?org=o&bucket=b",
  ],
])("the database at %s is written at %s", (url, path, shown) => {
  const env = { STATS_SERVER_URL: url, BALEEN_INFLUX_TOKEN: "me:hunter2" };
  const target = openStatsServer(gather([], env), { env });
  expect(target).toMatchObject({ path, url: shown, headers: { authorization: expect.any(String) } });
});

test.each(["localhost:8086", "8086", "ftp://localhost", "http://localhost:8086/?database=x", "/write"])(
  "%s is no address of a database",
  (url) => {
    const request = gather([`--stats-server-url=${url}`]);
    expect(openStatsServer(request, { env: {} })).toBeUndefined();
    expect(request.diagnostics).toMatchObject([
      { code: "influx", message: expect.stringMatching(/^--stats-server-url: .*http:\/\/127\.0\.0\.1:8086/) },
    ]);
  },
);

test("a database's address that cannot be used is refused by the name that it was given under", () => {
  const env = { STATS_SERVER_URL: "http://me:hunter2@localhost:8086" };
  const request = gather([], env);
  expect(openStatsServer(request, { env })).toBeUndefined();
  expect(request.diagnostics).toMatchObject([
    { code: "influx", message: expect.stringMatching(/^STATS_SERVER_URL: it contains credentials/) },
  ]);
  expect(JSON.stringify(request.diagnostics)).not.toContain("hunter2");
});
