import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concealIn, substitute } from "../../../src/options/file/variables.ts";

/** "${NAME}", which lint would take for a forgotten template in a text. */
const ref = (inner: string) => `\${${inner}}`;

describe("variables of the environment in a text", () => {
  test.each<[string, string, string]>([
    ["one", ref("A"), "1"],
    ["two, with something around them", `x${ref("A")}-${ref("B_2")}y`, "x1-two wordsy"],
    ["a default that is not needed", ref("A:-9"), "1"],
    ["a default that is", ref("NONE:-a, b: c"), "a, b: c"],
    ["a default where it is empty", ref("EMPTY:-9"), "9"],
    ["an empty default", `[${ref("NONE:-")}]`, "[]"],
    ["a dollar", "$$ and $$A", "$ and $A"],
    ["a dollar before a variable", `$$${ref("A")}`, "$1"],
    ["the path of a secret", ref("TOKEN_FILE"), "/run/token"],
    ["what only sounds like one", ref("COMPASS"), "north"],
    ["what a variable holds is not looked into", ref("NESTED"), ref("A")],
  ])("%s", (_, text, expected) => {
    const environment = {
      A: "1",
      B_2: "two words",
      EMPTY: "",
      NESTED: ref("A"),
      TOKEN_FILE: "/run/token",
      COMPASS: "north",
    };
    expect(substitute(text, environment)).toMatchObject({ text: expected, problems: [] });
  });

  test.each<[string, string, RegExp]>([
    [
      "one that is not set",
      ref("NONE"),
      /^the environment variable NONE is not set\. Set it, or write \$\{NONE:-default\}/,
    ],
    ["one that is empty", ref("EMPTY"), /EMPTY is not set/],
    ["a dollar that begins none", "5$", /begins no variable.*\$\$ for a dollar/],
    ["a name that is none", ref("1A"), /begins no variable/],
    [
      "a secret",
      `x${ref("DB_PASSWORD:-y")}`,
      /^the environment variable DB_PASSWORD has the name of a secret, .* _FILE/,
    ],
    ["another secret", ref("AWS_SECRET_ACCESS_KEY"), /the name of a secret/],
    ["a token in small letters", ref("github_token"), /the name of a secret/],
    ["a password whose name is run together", ref("PGPASSWORD"), /the name of a secret/],
    ["one that is shortened", ref("MYSQL_PWD"), /the name of a secret/],
    ["a pass", ref("SSHPASS"), /the name of a secret/],
    ["a variable of shells", "$A", /begins no variable/],
  ])("%s is told", (_, text, problem) => {
    expect(substitute(text, { A: "1", EMPTY: "" }).problems).toEqual([expect.stringMatching(problem)]);
  });

  test("a text without a dollar stays, whatever it is", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.includes("$"));
        expect(substitute(text, {})).toEqual({ text, hidden: [], problems: [] });
      }),
    );
  });
});

describe("concealIn", () => {
  const values = new Map([
    ["7", ref("N")],
    ["hunter22", ref("TOKEN")],
  ]);

  test.each<[string, string]>([
    ["committee in bench.yaml:7: 7 nodes", `committee in bench.yaml:7: ${ref("N")} nodes`],
    ["70 nodes", "70 nodes"],
    ["a/hunter22/b and xhunter22y", `a/${ref("TOKEN")}/b and x${ref("TOKEN")}y`],
  ])("%s", (message, expected) => {
    expect(concealIn(message, values)).toBe(expected);
  });
});
