import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatLabels, formatNumber, SampleReader } from "../../../src/metrics/nodes/line.ts";
import { type MetricSample, parsePrometheus } from "../../../src/metrics/nodes/prometheus.ts";

/** Of samples alone: name, labels, value, time. */
const samplesOf = (text: string, reader?: SampleReader) =>
  parsePrometheus(text, reader).flatMap(({ samples }) => samples.map(flat));

const flat = ({ series: { name, labels }, value, timestampMs }: MetricSample) => ({
  name,
  labels,
  value,
  timestampMs,
});

describe("Prometheus' text format", () => {
  test("the example of its documentation", () => {
    const families = parsePrometheus(`# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total{method="post",code="400"}    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9

# Minimalistic line:
metric_without_timestamp_and_labels 12.47

# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045

# A histogram, which has a pretty complex representation in the text format:
# HELP http_request_duration_seconds A histogram of the request duration.
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{le="0.05"} 24054
http_request_duration_seconds_bucket{le="+Inf"} 144320
http_request_duration_seconds_sum 53423
http_request_duration_seconds_count 144320

# Finally a summary, which has a complex representation, too:
# HELP rpc_duration_seconds A summary of the RPC duration in seconds.
# TYPE rpc_duration_seconds summary
rpc_duration_seconds{quantile="0.01"} 3102
rpc_duration_seconds{quantile="0.99"} 76656
rpc_duration_seconds_sum 1.7560473e+07
rpc_duration_seconds_count 2693
`);
    expect(families.map(({ name, type, help, samples }) => [name, type, help, samples.length])).toEqual([
      ["http_requests_total", "counter", "The total number of HTTP requests.", 2],
      ["msdos_file_access_time_seconds", "unknown", undefined, 1],
      ["metric_without_timestamp_and_labels", "unknown", undefined, 1],
      ["something_weird", "unknown", undefined, 1],
      ["http_request_duration_seconds", "histogram", "A histogram of the request duration.", 4],
      ["rpc_duration_seconds", "summary", "A summary of the RPC duration in seconds.", 4],
    ]);
    expect(families[0]?.samples.map(flat)[0]).toEqual({
      name: "http_requests_total",
      labels: [
        ["code", "200"],
        ["method", "post"],
      ],
      value: 1027,
      timestampMs: 1_395_066_363_000,
    });
    expect(families[1]?.samples[0]?.series.labels).toEqual([
      ["error", 'Cannot find file:\n"FILE.TXT"'],
      ["path", "C:\\DIR\\FILE.TXT"],
    ]);
    expect(families[3]?.samples[0]).toMatchObject({
      value: Number.POSITIVE_INFINITY,
      timestampMs: -3_982_045,
    });
  });

  test.each([
    [
      "blanks wherever they may stand",
      ' a { x = "1" ,\ty="2", } 3 ',
      [
        ["x", "1"],
        ["y", "2"],
      ],
      3,
    ],
    ["no blank between labels and value", 'a{x="1"}3', [["x", "1"]], 3],
    ["no labels between braces", "a{} 3", [], 3],
    ["a brace and a hash in a value", 'a{x="}# {"} 3', [["x", "}# {"]], 3],
    ["a name that objects have already", 'a{__proto__="1"} 3', [["__proto__", "1"]], 3],
    ["minus infinity", "a -Inf", [], Number.NEGATIVE_INFINITY],
    ["infinity in Go's other spelling", "a +Infinity", [], Number.POSITIVE_INFINITY],
    ["no number", "a NaN", [], Number.NaN],
    ["Windows' line ends", "a 1\r", [], 1],
  ] as const)("takes %s", (_, line, labels, value) => {
    expect(samplesOf(`${line}\n`)).toEqual([{ name: "a", labels, value, timestampMs: undefined }]);
  });

  test.each([
    ["a line without its end", "a 1", 1, "line break"],
    ["a name that is none", "a 1\n2b 1\n", 2, "the name of a metric"],
    ["no value", "a\n", 1, "a blank or {"],
    ["a value that is none", "a 0x10\n", 1, 'a number instead of "0x10"'],
    ["a value right behind a name", "a-1\n", 1, "a blank or {"],
    ["an empty text as a value", 'a{x="1"}\n', 1, "a number"],
    ["a time that is not whole", "a 1 2.5\n", 1, "whole milliseconds"],
    ["something behind the time", "a 1 2 3\n", 1, "the end of the line"],
    ["an exemplar", 'a 1 # {x="1"} 2\n', 1, "the end of the line"],
    ["a label without quotes", "a{x=1} 1\n", 1, '" at column 5'],
    ["a label that does not end", 'a{x="1\n', 1, '" at the end of a label'],
    ["labels that do not end", 'a{x="1" 1\n', 1, ", at column"],
    ["labels without a comma", 'a{x="1"y="2"} 1\n', 1, ", at column"],
    ["two commas", 'a{x="1",,} 1\n', 1, "the name of a label"],
    ["an unknown escape", 'a{x="\\t"} 1\n', 1, "behind a backslash"],
    ["a label twice", 'a{x="1",x="2"} 1\n', 1, "the label x only once"],
    ["a series twice", 'a{x="1",y="2"} 1\na{y="2",x="1"} 1\n', 2, "only once"],
    ["a type twice", "# TYPE a gauge\n# TYPE a gauge\n", 2, "only once"],
    ["a help twice", "# HELP a b\n# HELP a b\n", 2, "only once"],
    ["a type behind a sample", "a 1\n# TYPE a gauge\n", 2, "before its samples"],
    ["a type that there is not", "# TYPE a number\n", 1, 'instead of "number"'],
    ["a sample that its type has not", "# TYPE a histogram\na 1\n", 2, "no sample of that exact name"],
    ["a page of another kind", "<!DOCTYPE html>\n<html></html>\n", 1, "the name of a metric"],
  ])("refuses %s", (_, text, line, expected) => {
    expect(() => parsePrometheus(text)).toThrow(
      expect.objectContaining({
        code: "prometheus-format",
        message: expect.stringContaining(`line ${line} of the metrics is wrong`),
      }),
    );
    expect(() => parsePrometheus(text)).toThrow(expected);
  });

  test("what is nothing but comments holds nothing", () => {
    expect(parsePrometheus("")).toEqual([]);
    expect(parsePrometheus("# a comment\n#\n\n  # TYPEs are others\n")).toEqual([]);
  });

  test("reads a line of a megabyte without end in time that grows with its length alone", () => {
    const long = "x".repeat(1_000_000);
    expect(() => parsePrometheus(`a{b="${long}\n`)).toThrow("at the end of a label");
    expect(() => parsePrometheus(`${long}{\n`)).toThrow("the name of a label");
    expect(() => parsePrometheus(`a${" ".repeat(1_000_000)}\n`)).toThrow("a number");
  });
});

describe("OpenMetrics", () => {
  const text = `# TYPE requests counter
# UNIT requests requests
# HELP requests All \\"of them\\".
requests_total{code="200"} 17.0 1700000000.25 # {trace_id="a # b"} 0.67 1700000000.1
requests_created{code="200"} 1700000000
# TYPE build info
build_info{version="1"} 1
# TYPE took_seconds histogram
took_seconds_bucket{le="1.0"} 4 # {} 0.5
took_seconds_bucket{le="+Inf"} 5
took_seconds_sum 8
took_seconds_count 5
# EOF
`;

  test("is told by its end: seconds, exemplars, and counters without their last word", () => {
    const families = parsePrometheus(text);
    expect(families.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
      ["requests", "counter", 2],
      ["build", "info", 1],
      ["took_seconds", "histogram", 4],
    ]);
    expect(families[0]?.help).toBe('All "of them".');
    expect(families[0]?.samples[0]).toMatchObject({ value: 17, timestampMs: 1_700_000_000_250 });
    expect(parsePrometheus(text.trimEnd())).toEqual(families);
  });

  test.each([
    ["nothing behind its end", "a 1\n# EOF\na 2\n# EOF\n", "after the end mark"],
    ["no empty line", "a 1\n\n# EOF\n", "empty line"],
    ["no counter of its family's very name", "# TYPE a counter\na 1\n# EOF\n", "of the counter a"],
    ["no exemplar that is none", "a 1 # x 1\n# EOF\n", "labels of an exemplar"],
    ["no series that goes back in time", "a 1 2\na 1 1\n# EOF\n", "later than before"],
  ])("has %s", (_, wrong, expected) => {
    expect(() => parsePrometheus(wrong)).toThrow(expected);
  });

  test("a series may stand at several times, in their order", () => {
    expect(samplesOf("a 1 1\na 2 2.5\n# EOF\n").map(({ timestampMs }) => timestampMs)).toEqual([1000, 2500]);
  });
});

/** What a text may say of one series. */
const series = fc.record({
  name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,10}$/),
  labels: fc.uniqueArray(
    fc.tuple(fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,5}$/), fc.string({ unit: "binary" })),
    { selector: ([name]) => name, maxLength: 4 },
  ),
  value: fc.double(),
  timestampMs: fc.option(fc.integer(), { nil: undefined }),
});

test("what is written is read again", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(series, { selector: ({ name, labels }) => name + formatLabels([...labels].sort()) }),
      (all) => {
        const lines = all.map(
          ({ name, labels, value, timestampMs }) =>
            `${name}${formatLabels(labels)} ${formatNumber(value)}${timestampMs === undefined ? "" : ` ${timestampMs}`}\n`,
        );
        const inOrder = (samples: readonly ReturnType<typeof flat>[]) =>
          samples.map((sample) => JSON.stringify({ ...sample, value: formatNumber(sample.value) })).sort();
        const wanted = all.map((one) => ({
          name: one.name,
          labels: [...one.labels].sort(([a], [b]) => (a < b ? -1 : 1)),
          value: one.value,
          timestampMs: one.timestampMs,
        }));
        expect(inOrder(samplesOf(lines.join("")))).toEqual(inOrder(wanted));
      },
    ),
  );
});

test("a reader that has read other texts reads each as a new one does", () => {
  const piece = fc.constantFrom("a", "ab", " ", "{", "}", 'x="1"', 'x="}"', ",", "2", " # {} 1", "-");
  const line = fc.array(piece, { maxLength: 8 }).map((pieces) => `${pieces.join("")}\n`);
  const outcome = (text: string, reader?: SampleReader) => {
    try {
      return samplesOf(text, reader);
    } catch (error) {
      return String(error);
    }
  };
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.boolean(), (lines, isOpenMetrics) => {
      const reader = new SampleReader();
      for (const each of lines) {
        const text = isOpenMetrics ? `${each}# EOF\n` : each;
        expect(outcome(text, reader)).toEqual(outcome(text));
      }
    }),
    { numRuns: 2000 },
  );
});

test("no text does anything but be read or be refused with its line", () => {
  const piece = fc.constantFrom(
    "a",
    "1",
    " ",
    "\n",
    "{",
    "}",
    '"',
    "=",
    ",",
    "\\",
    "#",
    "# TYPE a ",
    "# EOF",
    "histogram",
    "+Inf",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join("");
      try {
        parsePrometheus(text);
      } catch (error) {
        expect(error).toMatchObject({
          code: "prometheus-format",
          message: expect.stringMatching(/^line \d+ of/),
        });
      }
    }),
  );
});
