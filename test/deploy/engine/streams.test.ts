import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FrameReader,
  followProgress,
  parseEngineInfo,
  parseStats,
  readJsonLines,
  readOutput,
} from "../../../src/deploy/engine/streams.ts";

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
        expect(readOutput(framed)).toBe(pieces.map(([, text]) => text).join(""));
      }),
    );
  });

  test("frames that come in pieces of any length are told apart", () => {
    const pieces = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: "grapheme" })));
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (written, lengths) => {
        const framed = Buffer.concat(written.map(([stream, text]) => frame(stream, text)));
        const reader = new FrameReader();
        const seen = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
        for (let at = 0, turn = 0; at < framed.length; turn++) {
          const end = at + (lengths[turn % lengths.length] ?? 1);
          for (const { stream, bytes } of reader.push(framed.subarray(at, end))) seen[stream].push(bytes);
          at = end;
        }
        reader.end();
        const of = (wanted: number) => written.flatMap(([stream, text]) => (stream === wanted ? [text] : []));
        expect(Buffer.concat(seen.stdout).toString()).toBe(of(1).join(""));
        expect(Buffer.concat(seen.stderr).toString()).toBe(of(2).join(""));
      }),
    );
  });

  test("what is cut off, or has no frames, is refused", () => {
    const cut = new FrameReader();
    cut.push(frame(1, "whole").subarray(0, 10));
    expect(() => cut.end()).toThrow("the output was cut off");
    const head = new FrameReader();
    head.push(Buffer.from([1, 0, 0]));
    expect(() => head.end()).toThrow("the output was cut off");
    expect(() => new FrameReader().push(Buffer.from("no frames at all"))).toThrow("output without frames");
  });

  test("frames of both streams are told apart", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: "grapheme" }))), (pieces) => {
        const framed = Buffer.concat(pieces.map(([stream, text]) => frame(stream, text)));
        const of = (wanted: number) => pieces.flatMap(([stream, text]) => (stream === wanted ? [text] : []));
        expect(readOutput(framed, "stdout")).toBe(of(1).join(""));
        expect(readOutput(framed, "stderr")).toBe(of(2).join(""));
      }),
    );
  });

  test("output of a terminal, which has no frames, comes back as it is", () => {
    expect(readOutput(Buffer.from("node0 is up and running\n"))).toBe("node0 is up and running\n");
    expect(readOutput(Buffer.from("short"))).toBe("short");
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
  const follow = async (...values: unknown[]) => {
    async function* answer() {
      for (const value of values) yield `${JSON.stringify(value)}\n`;
    }
    const lines: string[] = [];
    return { ...(await followProgress(answer(), (line) => lines.push(line))), lines };
  };

  test("has lines for people, and tells what was built and loaded", async () => {
    expect(
      await follow(
        { stream: "Step 1/7 : FROM scratch\n" },
        { stream: "\n" },
        { status: "Downloading", id: "abc", progress: "[=>]" },
        { aux: { ID: "sha256:0" } },
        { stream: "Loaded image: small:1\n" },
        { stream: "Loaded image ID: sha256:1\n" },
      ),
    ).toEqual({
      built: ["sha256:0"],
      loaded: ["small:1", "sha256:1"],
      lines: [
        "Step 1/7 : FROM scratch",
        "abc Downloading",
        "Loaded image: small:1",
        "Loaded image ID: sha256:1",
      ],
    });
  });

  test("fails with the engine's words", async () => {
    const failed = { error: "no space left on device", errorDetail: {} };
    await expect(follow(failed)).rejects.toThrow("no space left on device");
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

describe("what an engine says of itself", () => {
  const reported = {
    DockerRootDir: "/var/lib/docker",
    SystemTime: "2026-11-21T17:50:40.163191437Z",
    SecurityOptions: ["name=seccomp,profile=builtin", "name=rootless"],
  };

  test("is read", () => {
    expect(parseEngineInfo(reported)).toEqual({
      dataRoot: "/var/lib/docker",
      rootless: true,
      timeNs: 1_795_283_440_163_191_437n,
    });
  });

  test.each([
    ["2026-11-21T17:50:40Z", 1_795_283_440_000_000_000n],
    ["2026-11-21T18:50:40.5+01:00", 1_795_283_440_500_000_000n],
    ["2026-11-21T17:50:40.163191Z", 1_795_283_440_163_191_000n],
  ])("the time %s", (SystemTime, timeNs) => {
    const old = {
      ...reported,
      SystemTime,
      SecurityOptions: null,
    };
    expect(parseEngineInfo(old)).toMatchObject({
      timeNs,
      rootless: false,
    });
  });

  test("a time that cannot be read is none", () => {
    expect(() => parseEngineInfo({ ...reported, SystemTime: "noon" })).toThrow(
      "cannot parse the engine's time: noon",
    );
  });
});
