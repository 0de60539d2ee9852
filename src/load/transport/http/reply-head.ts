import { recognizeSpeech } from "../../../core/text/speech.ts";

/** How the body of a reply ends. */
export type BodyEnd =
  | { readonly kind: "length"; readonly bytes: number }
  | { readonly kind: "chunked" }
  /** With the connection. */
  | { readonly kind: "close" };

/** What the head of a reply says, as far as it matters to a sender. */
export interface ReplyHead {
  readonly status: number;
  readonly body: BodyEnd;
  /** The connection ends after this reply. */
  readonly closes: boolean;
  /** How long the server says that it keeps an idle connection. */
  readonly keepAliveMs: number | undefined;
}

/** What comes from a node is no HTTP at all, but that. */
type ForeignSpeech = "SPEAKS_SSH" | "SPEAKS_TLS";

const foreign: Readonly<Partial<Record<string, ForeignSpeech>>> = { SSH: "SPEAKS_SSH", TLS: "SPEAKS_TLS" };

/** undefined where it may be HTTP, or nothing that is known. */
export function findForeignSpeech(bytes: Buffer): ForeignSpeech | undefined {
  return foreign[recognizeSpeech(bytes) ?? ""];
}

/** Why bytes are no reply. */
export type ReplyFault =
  | ForeignSpeech
  | "HTTP_MALFORMED"
  | "HTTP_HEAD_TOO_LARGE"
  | "HTTP_BODY_TOO_LARGE"
  | "HTTP_UNEXPECTED"
  | "HTTP_TRUNCATED";

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: .*)?$/;
const field = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

/**
 * Parses the head of a reply to a POST or GET request.
 *
 * @param text latin1, without the empty line at its end
 * @see RFC 9112, sections 2 to 6. What it calls an error here is one: contradicting lengths and a length beside chunks
 *   are how replies get mistaken for one another
 */
export function parseReplyHead(text: string): ReplyHead | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const start = statusLine.exec(first);
  if (start === null || text.includes("\0")) return undefined;
  const status = Number(start[2]);
  let lengthBytes: number | undefined;
  let coding: string | undefined;
  let keepAliveMs: number | undefined;
  const connection: string[] = [];
  const fields = readFields(lines);
  if (fields === undefined) return undefined;
  for (const [name, value] of fields) {
    switch (name) {
      case "content-length": {
        if (!/^\d{1,15}$/.test(value)) return undefined;
        if (lengthBytes !== undefined && lengthBytes !== Number(value)) return undefined;
        lengthBytes = Number(value);
        break;
      }
      case "transfer-encoding":
        coding = coding === undefined ? value.toLowerCase() : `${coding}, ${value.toLowerCase()}`;
        break;
      case "connection":
        connection.push(...value.toLowerCase().split(/[ \t]*,[ \t]*/));
        break;
      case "keep-alive":
        keepAliveMs = keepAlive(value);
        break;
      default:
    }
  }
  if (coding !== undefined && (coding !== "chunked" || lengthBytes !== undefined)) return undefined;
  const keepsAlive = start[1] === "1" ? !connection.includes("close") : connection.includes("keep-alive");
  const body = bodyEnd(status, coding, lengthBytes);
  return { status, body, closes: !keepsAlive || body.kind === "close", keepAliveMs };
}

/** Names, in lower case, and values; undefined where a line is no field. */
export function readFields(lines: readonly string[]): (readonly [name: string, value: string])[] | undefined {
  const fields: [name: string, value: string][] = [];
  for (const line of lines) {
    const found = field.exec(line);
    if (found === null || /[\r\n]/.test(line)) return undefined;
    fields.push([found[1]?.toLowerCase() ?? "", found[2] ?? ""]);
  }
  return fields;
}

/** @see RFC 2068, section 19.7.1.1; the field's syntax is a custom, so what is unknown says nothing */
function keepAlive(value: string): number | undefined {
  const seconds = /(?:^|[ \t,])timeout=(\d{1,6})(?:$|[ \t,])/i.exec(value)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1000;
}

function bodyEnd(status: number, coding: string | undefined, lengthBytes: number | undefined): BodyEnd {
  if (status < 200 || status === 204 || status === 304) return { kind: "length", bytes: 0 };
  if (coding !== undefined) return { kind: "chunked" };
  return lengthBytes === undefined ? { kind: "close" } : { kind: "length", bytes: lengthBytes };
}
