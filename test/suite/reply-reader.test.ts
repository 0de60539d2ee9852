import { describe, expect, test } from "vitest";
import { ReplyReader } from "../../benchmarks/suite/reply-reader.ts";

const body = '[{"id":0,"result":{"hash":"AB"}},{"id":1,"error":{"code":-32603}},{"id":2,"error":{"code":1}}]';
const replies = {
  "with a length": `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  "in chunks":
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
    `${(20).toString(16)}\r\n${body.slice(0, 20)}\r\n` +
    `${(body.length - 20).toString(16)}\r\n${body.slice(20)}\r\n0\r\n\r\n`,
};

describe.each(Object.entries(replies))("a reply %s", (_name, reply) => {
  test("is whole with its last byte, wherever it is torn, and its errors are counted", () => {
    for (let cut = 1; cut < reply.length; cut++) {
      const reader = new ReplyReader();
      expect(reader.take(Buffer.from(reply.slice(0, cut)))).toBeUndefined();
      expect(reader.take(Buffer.from(reply.slice(cut)))).toEqual({ status: 200, errors: 2, body: "" });
      expect(reader.take(Buffer.from(reply))).toMatchObject({ errors: 2 });
    }
  });
});

test("a reply that is none of success tells its text", () => {
  const reply = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\nfull";
  expect(new ReplyReader().take(Buffer.from(reply))).toEqual({ status: 500, errors: 0, body: "full" });
});
