import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { demultiplex, parseProgress, parseStats, readJsonLines } from "../../src/docker/streams.ts";

function frame(stream: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

async function collect(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = [];
  for await (const value of values) all.push(value);
  return all;
}

describe("a container's output", () => {
  test("frames of both streams are joined in their order", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: "grapheme" }))), (pieces) => {
        const framed = Buffer.concat(pieces.map(([stream, text]) => frame(stream, text)));
        expect(demultiplex(framed)).toBe(pieces.map(([, text]) => text).join(""));
      }),
    );
  });

  test("output of a terminal, which has no frames, comes back as it is", () => {
    expect(demultiplex(Buffer.from("node0 is up and running\n"))).toBe("node0 is up and running\n");
    expect(demultiplex(Buffer.from("short"))).toBe("short");
  });
});

describe("lines of JSON", () => {
  test("come out whole wherever the stream was cut", async () => {
    const values = fc.array(fc.record({ text: fc.string({ unit: "grapheme" }), n: fc.integer() }));
    await fc.assert(
      fc.asyncProperty(values, fc.integer({ min: 1, max: 9 }), async (sent, size) => {
        const bytes = Buffer.from(sent.map((value) => `${JSON.stringify(value)}\r\n`).join(""));
        async function* cut() {
          for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
        }
        expect(await collect(readJsonLines(cut()))).toEqual(sent);
      }),
    );
  });

  test("the last line needs no end", async () => {
    async function* cut() {
      yield '{"a":1}\n{"b"';
      yield ":2}";
    }
    expect(await collect(readJsonLines(cut()))).toEqual([{ a: 1 }, { b: 2 }]);
  });
});

describe("progress", () => {
  test.each([
    [{ stream: "Step 1/7 : FROM scratch\n" }, { line: "Step 1/7 : FROM scratch" }],
    [{ stream: "\n" }, {}],
    [{ status: "Downloading", id: "abc", progress: "[=>]" }, { line: "abc Downloading" }],
    [{ aux: { ID: "sha256:0" } }, { imageId: "sha256:0" }],
    [{ error: "no space left on device", errorDetail: {} }, { error: "no space left on device" }],
  ])("%j", (value, expected) => {
    expect(parseProgress(value)).toEqual(expected);
  });
});

describe("statistics", () => {
  const cpu = { cpu_stats: { cpu_usage: { total_usage: 1_500_000_000 } } };
  test("cgroup v2 says anon, v1 total_rss; what backs files is left out", () => {
    const v2 = { ...cpu, memory_stats: { usage: 99, stats: { anon: 42, file: 57 } } };
    const v1 = { ...cpu, memory_stats: { usage: 99, stats: { total_rss: 42, cache: 57 } } };
    expect(parseStats(v2)).toEqual({ cpuSecs: 1.5, memoryBytes: 42 });
    expect(parseStats(v1)).toEqual({ cpuSecs: 1.5, memoryBytes: 42 });
  });

  test("a container that does not run has none", () => {
    expect(parseStats({ cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} })).toBeUndefined();
  });
});
