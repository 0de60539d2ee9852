/** The opening handshake of RFC 6455, section 4, from the client's side. No extensions, no subprotocols. */
import { createHash } from "node:crypto";
import type { Endpoint } from "../../../contracts/nodes/node.ts";
import { formatAuthority } from "../../../core/address.ts";
import { findForeignSpeech, readFields } from "../http/reply-head.ts";

const magic = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const largestHeadBytes = 16_384;
const endOfHead = Buffer.from("\r\n\r\n");
const statusLine = /^HTTP\/1\.1 ([1-5]\d\d)(?: .*)?$/;

/** @param key 16 random bytes, base64 */
export function buildHandshake(rpc: Endpoint, path: string, key: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${formatAuthority(rpc)}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    "\r\n",
  ].join("\r\n");
}

/**
 * Reads the reply to a handshake, of which `bytes` have come so far.
 *
 * @returns its length, behind which frames follow; 0: it is not whole; or why no WebSocket came about
 */
export function readHandshake(bytes: Buffer, key: string): number | string {
  const end = bytes.indexOf(endOfHead);
  if (end < 0 || end > largestHeadBytes) {
    return bytes.length > largestHeadBytes ? handshakeCode("TOO_LARGE") : (findForeignSpeech(bytes) ?? 0);
  }
  const [first = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const status = statusLine.exec(first)?.[1];
  if (status === undefined) return handshakeCode("MALFORMED");
  if (status !== "101") return handshakeCode(status);
  const given = readFields(lines);
  const fields = new Map(given);
  if (fields.size !== given?.length) return handshakeCode("MALFORMED");
  const isUpgraded =
    fields.get("upgrade")?.toLowerCase() === "websocket" &&
    fields
      .get("connection")
      ?.toLowerCase()
      .split(/[ \t]*,[ \t]*/)
      .includes("upgrade") === true;
  // What was not asked for changes what the frames mean.
  const isPlain = !fields.has("sec-websocket-extensions") && !fields.has("sec-websocket-protocol");
  if (!isUpgraded || !isPlain) return handshakeCode("MALFORMED");
  if (fields.get("sec-websocket-accept") !== acceptOf(key)) return handshakeCode("WRONG_ACCEPT");
  return end + endOfHead.length;
}

/** Why no WebSocket came about: the HTTP status, or what was wrong with the reply. */
export const handshakeCode = (what: string) => `WS_HANDSHAKE_${what}`;

export function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}${magic}`).digest("base64");
}
