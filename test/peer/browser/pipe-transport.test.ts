import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { PipeTransport } from "../../../src/peer/browser/pipe-transport.ts";

function open() {
  const [commands, replies] = [new PassThrough(), new PassThrough()];
  const transport = new PipeTransport(commands, replies);
  const messages: string[] = [];
  transport.onmessage = (message) => messages.push(message);
  return { commands, replies, transport, messages };
}

test("messages end with a zero byte, however they are cut", async () => {
  const { replies, messages } = open();
  const text = '{"a":"é"}';
  const bytes = Buffer.from(`${text}\0{}\0${text}\0`, "utf8");
  for (const byte of bytes) replies.write(Buffer.of(byte));
  replies.write(bytes);
  replies.end();
  await once(replies, "close");
  expect(messages).toEqual([text, "{}", text, text, "{}", text]);
});

test("commands are sent the same way, and the end of either side is told", async () => {
  const { commands, replies, transport } = open();
  const closed = new Promise<void>((resolve) => {
    transport.onclose = resolve;
  });
  transport.send('{"id":1}');
  expect(String(commands.read())).toBe('{"id":1}\0');
  transport.close();
  expect(commands.writableEnded).toBe(true);
  replies.destroy();
  await closed;
});
