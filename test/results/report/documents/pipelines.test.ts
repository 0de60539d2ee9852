import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { formatAssertions } from "../../../../src/results/report/blocks/assertions.ts";
import { formatBenchmarkData } from "../../../../src/results/report/documents/benchmark-data.ts";
import { formatJunit } from "../../../../src/results/report/documents/junit.ts";
import { formatMarkdown } from "../../../../src/results/report/documents/markdown.ts";
import { quoteMarkdown } from "../../../../src/results/report/text/markdown-text.ts";
import { formatXml } from "../../../../src/results/report/text/xml.ts";
import { buildSummaryJson } from "../../../../src/results/schema/summary.ts";
import { validRun } from "../../sample-results.ts";
import { openValidator } from "../../schemas.ts";
import { hostileText, reportedSweep, reportedSweeps } from "../reported-sweeps.ts";

const samples = Object.entries(reportedSweeps);

async function schemaErrors(xml: string): Promise<readonly string[]> {
  const schema = await readFile(new URL("junit-10.xsd", import.meta.url), "utf8");
  const { errors } = await validateXML({ xml, schema });
  return errors.map(({ message }) => message);
}

describe("JUnit XML", () => {
  test.each(samples)("looks as recorded and fits its schema: %s", async (name, sweeps) => {
    const xml = formatJunit(sweeps);
    expect(await schemaErrors(xml)).toEqual([]);
    await expect(xml).toMatchFileSnapshot(`junit.${name}.golden.xml`);
  });

  test("counts what it holds", () => {
    const xml = formatJunit(reportedSweeps.failed ?? []);
    const count = (what: string) => xml.split(`<${what}`).length - 1;
    const [, tests, failures] = /<testsuites name="baleen" tests="(\d+)" failures="(\d+)"/.exec(xml) ?? [];
    expect([Number(tests), Number(failures)]).toEqual([count("testcase "), count("failure ")]);
    expect(count("failure ")).toBeGreaterThan(0);
  });

  test("the schema refuses what Jenkins would", async () => {
    const xml = formatJunit(reportedSweeps.passed ?? []);
    expect(await schemaErrors(xml.replaceAll("testcase", "test"))).not.toEqual([]);
    expect(await schemaErrors(xml.replace(/ tests="\d+"/, ' tests="x"'))).not.toEqual([]);
  });

  test("is well-formed whatever foreign text stands in it, and the text comes through", async () => {
    // One process for all, since each check starts a worker.
    const texts = fc.sample(fc.oneof(fc.string({ unit: "binary" }), fc.constant(hostileText)), 200);
    const elements = texts.map((text) => ({ name: "a", attributes: { text }, children: [text] }));
    const xml = formatXml({ name: "all", children: elements });
    const { errors } = await validateXML({ xml, schema: anySchema });
    expect(errors.map(({ message }) => message)).toEqual([]);
    expect(formatXml({ name: "a", attributes: { b: 'x"<&\u0000' }, children: ["]]>\ud800"] })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<a b="x&quot;&lt;&amp;\\u0000">]]&gt; </a>\n',
    );
  });
});

const anySchema = `<?xml version="1.0"?><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:element name="all"><xs:complexType><xs:sequence><xs:element name="a" maxOccurs="unbounded"><xs:complexType>
<xs:simpleContent><xs:extension base="xs:string"><xs:attribute name="text" type="xs:string"/></xs:extension></xs:simpleContent>
</xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element></xs:schema>`;

describe("Markdown", () => {
  test.each(samples)("looks as recorded: %s", async (name, sweeps) => {
    const text = formatMarkdown(sweeps);
    // All parameters stand in one of them.
    const shown =
      name === "passed"
        ? text
        : text.replaceAll(/(How run \d+ was done<.summary>)[\s\S]*?(<.details>)/g, "$1$2");
    await expect(shown).toMatchFileSnapshot(`markdown.${name}.golden.md`);
  });

  test("says first whether all is well", () => {
    const first = (name: string) => formatMarkdown(reportedSweeps[name] ?? []).split("\n", 1)[0];
    expect(first("passed")).toBe("**Benchmark passed**: all 3 assertions hold, 1 of 1 runs valid");
    expect(first("strict")).toBe("**Benchmark failed**: 1 of 1 runs generator-limited");
    expect(first("ended-early")).toMatch(
      /^\*\*Benchmark failed\*\*: it ended early, 1 of 2 assertions failed/,
    );
  });

  test("foreign text is nothing but text, on one line, in an element where GitHub looks for no names", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.constant(hostileText)), (text) => {
        const quoted = quoteMarkdown(text);
        expect(quoted).toMatch(/^<code>([\p{L}\p{N} .,:;/%=+()-]|&(amp|lt|gt|quot|#\d+);)*<\/code>$/u);
        expect(quoted.slice("<code>".length)).not.toMatch(/:\/|www\./i);
      }),
    );
    expect(quoteMarkdown("a|b @c <d>")).toBe("<code>a&#124;b &#64;c &lt;d&gt;</code>");
  });

  test("every row of a table has the columns of its head", () => {
    for (const [, sweeps] of samples) {
      let columns = 0;
      for (const line of formatMarkdown(sweeps).split("\n")) {
        const cells = line.startsWith("| ") ? line.split("|").length : 0;
        if (cells > 0 && columns > 0) expect(cells, line).toBe(columns);
        columns = cells;
      }
    }
  });
});

describe("the data of github-action-benchmark", () => {
  test.each(["throughput", "latency"] as const)("looks as recorded: %s", async (which) => {
    const sweeps = [...(reportedSweeps.failed ?? []), ...(reportedSweeps.baseline ?? [])];
    await expect(formatBenchmarkData(sweeps, which)).toMatchFileSnapshot(
      `benchmark-data.${which}.golden.json`,
    );
  });

  test("has no point for what is but a bound, is invalid, or was not seen", () => {
    const points = (name: string, which: "throughput" | "latency") =>
      JSON.parse(formatBenchmarkData(reportedSweeps[name] ?? [], which)) as { name: string }[];
    expect(points("nothing", "throughput")).toEqual([]);
    expect(points("hostile", "throughput")).toEqual([]);
    const ofCensored = points("failed", "latency").filter(({ name }) => name.startsWith("local 200 "));
    expect(ofCensored.map(({ name }) => name)).toEqual(["local 200 tx/s: latency p50"]);
  });
});

describe("the assertions of a sweep", () => {
  test.each(samples.filter(([, [sweep]]) => (sweep?.summary.assertions ?? []).length > 0))(
    "look as recorded: %s",
    async (name, [sweep]) => {
      const text = formatAssertions(sweep?.summary.assertions ?? [], sweep?.summary.runs ?? []);
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
      await expect(`${text}\n`).toMatchFileSnapshot(`assertions.${name}.golden.txt`);
    },
  );

  test("fit the schema of summary.json", async () => {
    const validate = await openValidator("summary");
    for (const [, sweeps] of samples) {
      for (const { summary } of sweeps) expect(validate(buildSummaryJson(summary))).toEqual([]);
    }
  });

  test("are left out of summary.json where there are none", () => {
    expect(buildSummaryJson(reportedSweep({ runs: [validRun] }).summary)).not.toHaveProperty("assertions");
  });
});
