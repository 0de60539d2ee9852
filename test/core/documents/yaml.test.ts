import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatYaml, parseYaml, parseYamlWithLines, YamlError } from "../../../src/core/documents/yaml.ts";

describe("parseYaml", () => {
  test("reads a compose file with anchors and merge keys", () => {
    const text = [
      "x-node: &node",
      "  image: baleen",
      "  init: true",
      "services:",
      "  node0:",
      "    <<: *node",
      "    ports: ['26657:26657']",
      "    init: false",
    ].join("\n");
    expect(parseYaml(text)).toMatchObject({
      services: { node0: { image: "baleen", init: false, ports: ["26657:26657"] } },
    });
  });

  test("takes words of YAML 1.1 as text", () => {
    expect(parseYaml("a: yes\nb: on\nc: 012")).toEqual({ a: "yes", b: "on", c: 12 });
  });

  test("reads nothing as null", () => {
    expect(parseYaml("")).toBeNull();
  });

  test.each([
    ["an open bracket", "a: [1, 2", /line 1/],
    ["a tab as indent", "a:\n\tb: 1", /line 2/],
    ["a key twice", "a: 1\nb: 2\na: 3", /line 3/],
    ["an unknown alias", "a: *nothing", /alias.*nothing/],
  ])("%s is refused with its place, on one line", (_, text, place) => {
    const error = (() => {
      try {
        return parseYaml(text);
      } catch (reason) {
        return reason;
      }
    })();
    expect(error).toBeInstanceOf(YamlError);
    expect((error as YamlError).code).toBe("yaml");
    expect((error as YamlError).message).toMatch(place);
    expect((error as YamlError).message).not.toContain("\n");
  });

  test("all faults are named", () => {
    expect(() => parseYaml("a: 1\na: 2\nb: 1\nb: 2")).toThrow(/line 2.*; .*line 4/);
  });

  test("refuses aliases that would fill the memory", () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`)}]`);
    expect(() => parseYaml(["l0: &l0 [lol]", ...levels].join("\n"))).toThrow(YamlError);
  });
});

describe("formatYaml", () => {
  test("is read back as it was", () => {
    const value = fc
      .jsonValue({ maxDepth: 4 })
      .filter((json) => !/"__proto__"|-0[,\]}]|^-0$/.test(JSON.stringify(json)));
    fc.assert(
      fc.property(value, (json) => {
        const same: unknown = JSON.parse(JSON.stringify(json));
        expect(parseYaml(formatYaml(same))).toEqual(same);
      }),
    );
  });

  test("does not fold long text", () => {
    const text = "word ".repeat(100).trim();
    expect(formatYaml({ text })).toBe(`text: ${text}\n`);
  });
});

describe("lines", () => {
  const text = [
    "a:",
    "  b: 1",
    "  c:",
    "    - x",
    "    - {d: 2,",
    "       e: 3}",
    "base: &base {f: 4}",
    "g:",
    "  <<: *base",
  ];
  const { lineOf } = parseYamlWithLines(text.join("\n"));

  test.each<[(string | number)[], number]>([
    [[], 1],
    [["a"], 1],
    [["a", "b"], 2],
    [["a", "c"], 3],
    [["a", "c", 0], 4],
    [["a", "c", 1], 5],
    [["a", "c", 1, "e"], 6],
    [["a", "c", 7], 3],
    [["a", "nothing"], 1],
    [["g", "f"], 8],
  ])("%j stands in line %i", (path, line) => {
    expect(lineOf(path)).toBe(line);
  });

  const problemsOf = (text: string) => {
    try {
      return parseYaml(text);
    } catch (error) {
      return (error as YamlError).problems;
    }
  };

  test("an alias of nothing has its own", () => {
    expect(problemsOf("a: &a 1\nb: *a\nc:\n  - *nothing\n")).toEqual([
      { message: expect.stringContaining("nothing"), line: 4 },
    ]);
  });

  test("each fault of a text has its own", () => {
    expect(problemsOf("a: 1\na: 2\nb: *x\nb: 2")).toEqual([
      { message: "Map keys must be unique", line: 2 },
      { message: "Map keys must be unique", line: 4 },
    ]);
  });
});
