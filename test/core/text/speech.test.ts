import { expect, test } from "vitest";
import { describeSpeaker, recognizeSpeech } from "../../../src/core/text/speech.ts";

test.each([
  ["HTTP/1.1 400 Bad Request\r\n", "HTTP", "a web server (HTTP) answers there"],
  ["GET / HTTP/1.1\r\n", "HTTP", "a web client (HTTP) is there"],
  ["PRI * HTTP/2.0", "HTTP", "a web client (HTTP) is there"],
  ["SSH-2.0-OpenSSH_9.2p1\r\n", "SSH", "an SSH server answers there"],
  ["\x16\x03\x01\x02\x00\x01", "TLS", "a program that speaks TLS answers there"],
  ["\x15\x03\x03\x00\x02\x02\x28", "TLS", "a program that speaks TLS answers there"],
  ["HTTPS", undefined, undefined],
  ["GETTING", undefined, undefined],
  ["\x16\x05\x01", undefined, undefined],
  ["", undefined, undefined],
])("%j is %s", (text, speech, speaker) => {
  const bytes = Buffer.from(text, "latin1");
  expect([recognizeSpeech(bytes), describeSpeaker(bytes)]).toEqual([speech, speaker]);
});
