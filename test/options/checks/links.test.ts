import { describe, expect, test } from "vitest";
import { gatherOptions } from "../../../src/cli/options/sources.ts";
import { checkParameters } from "../../../src/options/checks/check.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

/** What comes of a command line, with files by name. */
function check(argv: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const readFile = (path: string) => {
    const text = files[path.replace(/^\.\//, "")];
    if (text === undefined) throw new Error("ENOENT: no such file or directory");
    return text;
  };
  const gathered = gatherOptions("benchmark", { argv, env: {}, readFile });
  const { parameters, diagnostics } = checkParameters(gathered.given, mysticeti);
  const { placeOf, ...links } = parameters.links ?? { name: "", document: {} };
  return {
    links: parameters.links === undefined ? undefined : links,
    placeOf,
    timeline: parameters.timeline,
    diagnostics: [...gathered.diagnostics, ...diagnostics].map(({ message }) => message),
  };
}

const right = (argv: readonly string[], files?: Readonly<Record<string, string>>) => {
  const checked = check(argv, files);
  expect(checked.diagnostics).toEqual([]);
  return checked;
};

test("without any of them there are none", () => {
  expect(right([])).toMatchObject({ links: undefined, timeline: undefined });
});

describe("links", () => {
  test("a named map", () => {
    const { links } = right(["--links", "lte"]);
    expect(links).toMatchObject({ name: "lte", document: { default: { delay: "35ms", rate: "12mbit" } } });
  });

  test("a file is told apart by what is in it, and keeps its lines", () => {
    const name = (text: string) => right(["--links", "./a.yaml"], { "a.yaml": text }).links?.name;
    expect(name("default: { delay: 1ms }")).toMatch(/^\.\/a\.yaml \([0-9a-f]{8}\)$/);
    expect(name("default: { delay: 2ms }")).not.toBe(name("default: { delay: 1ms }"));
    const { placeOf } = right(["--links", "./a.yaml"], { "a.yaml": "\ndefault:\n  delay: 1ms" });
    expect(placeOf?.(["default", "delay"])).toBe("./a.yaml:3");
  });

  test("flags make links of their own, or change the default of others", () => {
    const flags = ["--delay", "50ms", "--jitter=5ms", "--loss", "1%", "--rate", "100mbit"];
    expect(right(flags).links).toEqual({
      name: "delay 50ms, jitter 5ms, loss 1%, rate 100mbit",
      document: { default: { delay: "50ms", jitter: "5ms", loss: "1%", rate: "100mbit" } },
    });
    expect(right(["--links", "lte", "--delay", "9ms", "--topology", "ring"]).links).toMatchObject({
      name: "lte, delay 9ms, ring",
      document: { title: "Nodes on mobile LTE", default: { delay: "9ms", rate: "12mbit" }, topology: "ring" },
    });
  });

  test("a share of lost packets takes the place of bursts", () => {
    const { links } = right(["--links", "radio", "--loss", "0%"]);
    expect(links?.document?.default).toEqual({ rate: "1.5mbit", loss: "0%" });
  });

  test.each([
    ["star", "star"],
    ["random:4", { random: { degree: 4 } }],
    ["random:4:a b", { random: { degree: 4, seed: "a b" } }],
  ])("--topology %s", (text, topology) => {
    expect(right(["--topology", text]).links).toEqual({ name: text, document: { topology } });
  });

  test("a mechanism alone has nothing to do; with a timeline it may", () => {
    expect(check(["--link-mechanism", "relay"]).diagnostics).toEqual([
      "--link-mechanism: no links are emulated. Add --links, --delay or the like, or remove it.",
    ]);
    expect(check(["--link-mechanism", "relay", "--links", "./none.yaml"]).diagnostics).toHaveLength(1);
    expect(right(["--link-mechanism", "relay", "--delay", "1ms"]).links?.mechanism).toBe("relay");
    expect(right(["--link-mechanism", "netem", "--timeline", "jamming"]).links).toEqual({
      name: "unshaped",
      document: {},
      mechanism: "netem",
    });
  });

  test.each<[string[], string]>([
    [
      ["--links", "aws5"],
      '--links: unknown links "aws5". Did you mean aws-5? Name one of aws-3, aws-5, aws-10, lan, lte, radio, satellite, or a file by its path: ./aws5.yaml.',
    ],
    [["--links", "./b.yaml"], "--links ./b.yaml: ENOENT: no such file or directory. Use a readable file."],
    [["--delay", "50"], '--delay: "50" has no unit; give a time such as 50ms, 1.5s or 250us.'],
    [["--rate", "fast"], '--rate: "fast" cannot be read; give a rate such as 100kbit, 20mbit or 1gbit.'],
    [
      ["--topology", "random:1"],
      '--topology: "random:1" is no topology. Give full, star, ring, tree, or random:4 or random:4:SEED for 2 to 127 links of each node.',
    ],
    [
      ["--timeline", "jaming"],
      '--timeline: unknown timeline "jaming". Did you mean jamming? Name one of high-delay, jamming, low-bandwidth, mobility, node-failure, or a file by its path: ./jaming.yaml.',
    ],
    [
      ["--links", "lan", "--links-like", "./b"],
      "--links-like: --links says already what the links are. Use one of them, or remove it.",
    ],
  ])("%s", (argv, message) => {
    expect(check(argv).diagnostics).toEqual([message]);
  });
});

describe("a file of options", () => {
  const ofFile = (text: string, files = {}) => check(["--config", "c.yaml"], { "c.yaml": text, ...files });

  test("may hold links and timeline themselves, or name them", () => {
    const { links, timeline, diagnostics } = ofFile(`
network:
  links:
    default: { delay: 5ms }
timeline:
  - { at: 1s, crash: node0 }
`);
    expect(diagnostics).toEqual([]);
    expect(links?.document).toEqual({ default: { delay: "5ms" } });
    expect(links?.name).toMatch(/^c\.yaml \(/);
    expect(timeline).toMatchObject({ entries: [{ at: "1s", crash: "node0" }], places: ["c.yaml:6"] });
    const named = ofFile("links: aws-3\ndelay: 3ms\ntimeline: jamming\ntopology: ring");
    expect(named).toMatchObject({ diagnostics: [], links: { name: "aws-3, delay 3ms, ring" } });
  });

  test("has its lines in all that is wrong, at once", () => {
    const text = `
loads: [100]
links:
  default:
    delay: 50
  region-pairs:
    - { from: eu, to: us }
timeline:
  - at: 1s
    crash: node0
    pause: node1
jitter: much
`;
    expect(ofFile(text).diagnostics).toEqual([
      'c.yaml:5: delay: "50" has no unit; give a time such as 50ms, 1.5s or 250us.',
      "c.yaml:7: from: there is no region eu; add regions:.",
      "c.yaml:7: to: there is no region us; add regions:.",
      'jitter in c.yaml:12: "much" cannot be read; give a time such as 50ms, 1.5s or 250us.',
      "c.yaml:11: pause: crash: is given too; use an entry for each.",
    ]);
  });

  test("counts paths from its folder", () => {
    const files = {
      "sub/c.yaml": "links: ./l.yaml\ntimeline: t.yaml",
      "sub/l.yaml": "{}",
      "sub/t.yaml": "- { at: 0s, heal: all }",
    };
    const { links, timeline, diagnostics } = check(["--config", "sub/c.yaml"], files);
    expect(diagnostics).toEqual([]);
    expect(links?.name).toMatch(/^sub\/l\.yaml \(/);
    expect(timeline?.places).toEqual(["sub/t.yaml:1"]);
  });
});

test("a library's caller gives the same as documents", () => {
  const given = (values: object) =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { name, value, rank: 0 }]));
  const links = { name: "mine", document: { default: { delay: "5ms" } } };
  const entries = [{ at: "1s", crash: "node0" }];
  const { parameters, diagnostics } = checkParameters(given({ links, timeline: { entries } }), mysticeti);
  expect(diagnostics).toEqual([]);
  expect(parameters).toMatchObject({
    links,
    timeline: { name: "timeline", entries, places: ["timeline, entry 1"] },
  });
  const wrong = { links: { document: { default: { delay: 5 } } }, timeline: [{ at: "1s" }] };
  expect(checkParameters(given(wrong), mysticeti).diagnostics.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^links:3: delay: "5" has no unit/),
    expect.stringMatching(/^timeline:2: names no action/),
  ]);
  expect(checkParameters(given({ links: "aws-5" }), mysticeti).diagnostics).toMatchObject([
    {
      message:
        'links: the links "aws-5" were not read. Give a name from baleen links, or the path of a links file.',
    },
  ]);
});
