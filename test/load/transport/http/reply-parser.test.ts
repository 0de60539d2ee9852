import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ReplyParser } from "../../../../src/load/transport/http/reply-parser.ts";

const limits = { headBytes: 1024, bodyBytes: 4096 };

/** Feeds the pieces to a parser with as many requests under way. */
function parse(pieces: readonly Buffer[], { awaited = 1000, end = false } = {}) {
  const replies: { status: number; body: string }[] = [];
  const parser = new ReplyParser(
    {
      awaited: () => awaited - replies.length,
      onReply: (status, bytes, { start, end: to }) =>
        replies.push({ status, body: bytes.toString("latin1", start, to) }),
    },
    limits,
  );
  for (const piece of pieces) {
    // What lies behind the bytes that were read must not matter.
    const fault = parser.push(Buffer.concat([piece, Buffer.from("HTTP/1.1 500")]), piece.length);
    if (fault !== undefined) return { replies, fault, closing: parser.closing };
  }
  return { replies, fault: end ? parser.end() : undefined, closing: parser.closing };
}

const text = (...lines: string[]) => Buffer.from(lines.join("\r\n"), "latin1");
const one = (content: string, options?: Parameters<typeof parse>[1]) =>
  parse([Buffer.from(content, "latin1")], options);

const body = fc.string({ unit: "binary-ascii", maxLength: 60 });
const name = fc.constantFrom("Date", "Server", "X-Trace", "content-type");
const extra = fc.array(
  fc.tuple(name, fc.stringMatching(/^[a-z0-9 ]{0,12}$/)).map(([key, value]) => `${key}: ${value}\r\n`),
  { maxLength: 3 },
);
const chunked = (content: string, sizes: readonly number[]) => {
  let rest = content;
  let out = "";
  for (const size of sizes) {
    const piece = rest.slice(0, size);
    rest = rest.slice(size);
    if (piece !== "") out += `${piece.length.toString(16)};a=b\r\n${piece}\r\n`;
  }
  if (rest !== "") out += `${rest.length.toString(16)}\r\n${rest}\r\n`;
  return `${out}0\r\nTrailer: x\r\n\r\n`;
};
const reply = fc
  .record({
    status: fc.constantFrom(200, 404, 500, 503, 301),
    content: body,
    extra,
    sizes: fc.option(fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 4 }), { nil: undefined }),
    interim: fc.boolean(),
  })
  .map(({ status, content, extra: fields, sizes, interim }) => ({
    expected: { status, body: content },
    wire:
      (interim ? "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" : "") +
      (sizes === undefined
        ? `HTTP/1.1 ${status} Some reason\r\n${fields.join("")}Content-Length: ${content.length}\r\n\r\n${content}`
        : `HTTP/1.1 ${status}\r\n${fields.join("")}Transfer-Encoding: chunked\r\n\r\n${chunked(content, sizes)}`),
  }));

/** Cuts at any places. */
function cut(stream: Buffer, places: readonly number[]): Buffer[] {
  const sorted = [...new Set(places.map((place) => place % (stream.length + 1)))].sort((a, b) => a - b);
  return [0, ...sorted].map((from, index) => stream.subarray(from, sorted[index] ?? stream.length));
}

describe("replies", () => {
  test("come out whole and in order, wherever the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(reply, { minLength: 1, maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        (all, places) => {
          const stream = Buffer.from(all.map(({ wire }) => wire).join(""), "latin1");
          const { replies, fault } = parse(cut(stream, places), { end: true });
          expect(fault).toBeUndefined();
          expect(replies).toEqual(all.map(({ expected }) => expected));
        },
      ),
      { numRuns: 500 },
    );
  });

  test("of any bytes cost neither an exception nor a hang", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(300),
        reply,
        fc.array(fc.nat(), { maxLength: 5 }),
        (noise, at, { wire }, places) => {
          const good = Buffer.from(wire, "latin1");
          const place = at % (good.length + 1);
          const stream = Buffer.concat([good.subarray(0, place), noise, good.subarray(place)]);
          const { replies } = parse(cut(stream, places), { end: true });
          expect(replies.length).toBeLessThanOrEqual(stream.length);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("without a length end with the connection", () => {
    const stream = "HTTP/1.1 200 OK\r\n\r\nall the rest";
    expect(one(stream).replies).toEqual([]);
    expect(one(stream, { end: true })).toMatchObject({
      replies: [{ status: 200, body: "all the rest" }],
      fault: undefined,
      closing: true,
    });
  });

  test("that say so are the last of their connection", () => {
    expect(one("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").closing).toBe(true);
    expect(one("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").closing).toBe(true);
    expect(one("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 0\r\n\r\n").closing).toBe(false);
    expect(one("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").closing).toBe(false);
  });

  test.each([204, 304])("of status %i have no body", (status) => {
    const stream = `HTTP/1.1 ${status} X\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na`;
    expect(one(stream).replies.map(({ status: seen }) => seen)).toEqual([status, 200]);
  });

  test("with the head of the one before need no parsing, and those with another get it", () => {
    const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
    const stream = `${head(1)}a${head(1)}b${head(2)}cd${head(1)}e`;
    expect(one(stream).replies.map(({ body: seen }) => seen)).toEqual(["a", "b", "cd", "e"]);
  });
});

describe("what is no reply is told by a code", () => {
  test.each([
    ["something else than HTTP", "220 mail ESMTP\r\n", "HTTP_MALFORMED"],
    ["the greeting of sshd", "SSH-2.0-OpenSSH_9.2\r\n", "SPEAKS_SSH"],
    ["an alert of TLS", "\x15\x03\x01\x00\x02\x02\x16", "SPEAKS_TLS"],
    ["another version", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP_MALFORMED"],
    ["no status", "HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n", "HTTP_MALFORMED"],
    ["a field without a name", "HTTP/1.1 200 OK\r\n: 0\r\n\r\n", "HTTP_MALFORMED"],
    ["a folded field", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\nContent-Length: 0\r\n\r\n", "HTTP_MALFORMED"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "HTTP_MALFORMED"],
    ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP_MALFORMED"],
    [
      "a length beside chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP_MALFORMED",
    ],
    [
      "a coding that nobody asked for",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
      "HTTP_MALFORMED",
    ],
    [
      "a chunk without a size",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
      "HTTP_MALFORMED",
    ],
    [
      "a chunk that is longer than it says",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      "HTTP_MALFORMED",
    ],
    ["an endless head", `HTTP/1.1 200 OK\r\nA: ${"b".repeat(1100)}`, "HTTP_HEAD_TOO_LARGE"],
    ["a head above the limit", `HTTP/1.1 200 OK\r\nA: ${"b".repeat(1100)}\r\n\r\n`, "HTTP_HEAD_TOO_LARGE"],
    [
      "a body that says it is too large",
      "HTTP/1.1 200 OK\r\nContent-Length: 4097\r\n\r\n",
      "HTTP_BODY_TOO_LARGE",
    ],
    ["a body that becomes too large", `HTTP/1.1 200 OK\r\n\r\n${"b".repeat(4097)}`, "HTTP_BODY_TOO_LARGE"],
    [
      "chunks that become too large",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n",
      "HTTP_BODY_TOO_LARGE",
    ],
    ["a change of protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HTTP_UNEXPECTED"],
    [
      "bytes after the last reply",
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\nx",
      "HTTP_UNEXPECTED",
    ],
  ])("%s", (_, stream, code) => {
    expect(one(stream).fault).toBe(code);
  });

  test("a reply that nobody waits for", () => {
    expect(one("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n", { awaited: 0 }).fault).toBe(
      "HTTP_UNEXPECTED",
    );
  });

  test.each([
    ["a head", "HTTP/1.1 200 OK\r\nConte"],
    ["a body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"],
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"],
  ])("an end within %s", (_, stream) => {
    expect(one(stream, { end: true }).fault).toBe("HTTP_TRUNCATED");
  });

  test("an end between replies is none", () => {
    expect(
      parse([text("HTTP/1.1 200 OK", "Content-Length: 0", "", "")], { end: true }).fault,
    ).toBeUndefined();
    expect(parse([], { end: true }).fault).toBeUndefined();
  });
});
