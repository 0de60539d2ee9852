import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { format } from "../../../stand-in/format.ts";

/** What a server does with a request. Those that leave the connection in order come first. */
export type Deed =
  | { readonly kind: "answer"; readonly form: Form; readonly cuts: readonly number[] }
  /** Answers with the next one's reply, in one write. */
  | { readonly kind: "hold" }
  | { readonly kind: "silence" }
  | { readonly kind: "wrong-id" }
  | { readonly kind: "garbage"; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly at: number }
  | { readonly kind: "reset" }
  | { readonly kind: "twice" }
  | { readonly kind: "close" }
  /** Says that the request came too late, and closes. */
  | { readonly kind: "too-late" }
  /** Accepts it once that resolves, and may close the connection then. */
  | { readonly kind: "wait"; readonly until: Promise<unknown>; readonly closes?: true }
  /** Accepts it in the usual form, but for what stands in place of the hash. */
  | { readonly kind: "odd-hash"; readonly hash: string };

export const forms = [
  "plain",
  "chunked",
  "interim",
  "padded",
  "huge-head",
  "closing",
  "then-close",
  "short-lived",
] as const;
export type Form = (typeof forms)[number] | 301 | 404 | 500 | 503;

export interface ScriptedServer extends AsyncDisposable {
  readonly port: number;
  /** Sequence numbers in the order of their arrival. */
  readonly received: readonly number[];
  /** Those that a whole accepting reply was written for. */
  readonly accepted: ReadonlySet<number>;
  /** All that there were, and those that are open. */
  readonly connections: () => number;
  readonly open: () => number;
  /** Takes no further connection; those that stand are served. */
  readonly refuse: () => void;
}

interface Call {
  readonly id: number;
  readonly sequence: number;
}

const hash = "AB".repeat(32);
const acceptance = (id: number) =>
  `{"jsonrpc":"2.0","id":${id},"result":{"code":0,"data":"","log":"","codespace":"","hash":"${hash}"}}`;

/** A server on a bare socket; `deedFor` is asked once for each request, GETs aside: they are answered properly. */
export async function startScripted(
  deedFor: (sequence: number, nth: number) => Deed,
  listen: (serve: (socket: Socket) => void) => Server = (serve) => createServer({ noDelay: true }, serve),
): Promise<ScriptedServer> {
  const received: number[] = [];
  const accepted = new Set<number>();
  const sockets = new Set<Socket>();
  let opened = 0;
  const server = listen((socket) => {
    opened++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    serveConnection(socket, (call) => {
      received.push(call.sequence);
      return perform(deedFor(call.sequence, received.length), call, accepted);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    ...{ port: (server.address() as AddressInfo).port, received, accepted, connections: () => opened },
    open: () => sockets.size,
    refuse: () => server.close(),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What is written, piece by piece, and what becomes of the connection. */
interface Performance {
  readonly pieces: readonly (string | Uint8Array)[];
  readonly until?: Promise<unknown>;
  readonly after?: "end" | "reset" | "hold";
}

function perform(deed: Deed, { id, sequence }: Call, accepted: Set<number>): Performance {
  const text = acceptance(id);
  const plain = reply(200, text);
  switch (deed.kind) {
    case "answer": {
      if (typeof deed.form === "string") accepted.add(sequence);
      const whole = formed(deed.form, text);
      const cuts = [...new Set(deed.cuts.map((cut) => cut % whole.length))].sort((a, b) => a - b);
      const pieces = [0, ...cuts].map((from, index) => whole.slice(from, cuts[index]));
      const ends = deed.form === "closing" || deed.form === "then-close";
      return ends ? { pieces, after: "end" } : { pieces };
    }
    case "hold":
      accepted.add(sequence);
      return { pieces: [plain], after: "hold" };
    case "silence":
      return { pieces: [] };
    case "wrong-id":
      // Of none that is sent: where replies are shifted, the next one's would be right.
      return { pieces: [reply(200, acceptance(id + 1000))] };
    case "garbage":
      return { pieces: [deed.bytes] };
    case "truncate":
      return { pieces: [plain.slice(0, deed.at % plain.length)], after: "end" };
    case "reset":
      return { pieces: [], after: "reset" };
    case "twice":
      accepted.add(sequence);
      return { pieces: [plain + plain] };
    case "close":
      return { pieces: [], after: "end" };
    case "too-late":
      return { pieces: [reply(408, "", "Connection: close")], after: "end" };
    case "wait":
      accepted.add(sequence);
      return { pieces: [plain], until: deed.until, ...(deed.closes ? { after: "end" } : {}) };
    case "odd-hash":
      return { pieces: [reply(200, text.replace(hash, deed.hash))] };
  }
}

function reply(status: number, body: string, ...fields: readonly string[]): string {
  const head = [`HTTP/1.1 ${status} X`, ...fields, `Content-Length: ${body.length}`];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

function formed(form: Form, text: string): string {
  switch (form) {
    case "chunked": {
      const chunk = (part: string) => `${part.length.toString(16)}\r\n${part}\r\n`;
      return `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(text.slice(0, 50))}${chunk(text.slice(50))}0\r\n\r\n`;
    }
    case "interim":
      return `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${reply(200, text)}`;
    case "padded":
      return reply(200, JSON.stringify(JSON.parse(text), null, 2));
    case "huge-head":
      return reply(200, text, ...Array.from({ length: 40 }, (_, i) => `X-${i}: ${"x".repeat(1000)}`));
    case "closing":
      return reply(200, text, "Connection: close");
    case "short-lived":
      return reply(200, text, "Keep-Alive: timeout=5");
    case "plain":
    case "then-close":
      return reply(200, text);
    default:
      return reply(form, "no", "Location: /elsewhere");
  }
}

/** Reads requests in order and answers each before it looks at the next; held replies go out with the next write. */
function serveConnection(socket: Socket, answer: (call: Call) => Performance): void {
  let pending = Buffer.alloc(0);
  let held: Buffer[] = [];
  let isBusy = false;
  const work = async () => {
    for (let next = takeRequest(pending); next !== undefined; next = takeRequest(pending)) {
      pending = pending.subarray(next.lengthBytes);
      const answered: Performance =
        next.call === undefined ? { pieces: [reply(200, "{}")] } : answer(next.call);
      const { pieces, after, until } = answered;
      await until;
      const bytes = pieces.map((piece) => Buffer.from(piece as string, "latin1"));
      const last = bytes.length - 1;
      for (const [index, piece] of bytes.entries()) {
        if (after === "hold" && index === last && takeRequest(pending) !== undefined) {
          held.push(piece);
          break;
        }
        socket.write(Buffer.concat([...held, piece]));
        held = [];
        if (index < last) await new Promise(setImmediate);
      }
      if (after === "end") {
        socket.end(Buffer.concat(held));
        return;
      }
      if (after === "reset") {
        socket.resetAndDestroy();
        return;
      }
    }
    isBusy = false;
  };
  socket.on("data", (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    if (isBusy) return;
    isBusy = true;
    void work();
  });
}

/** @returns undefined where no whole request is there; no call for a GET */
function takeRequest(bytes: Buffer): { lengthBytes: number; call?: Call } | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = bytes.toString("latin1", 0, end);
  const bodyBytes = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
  const lengthBytes = end + 4 + bodyBytes;
  if (bytes.length < lengthBytes) return undefined;
  if (head.startsWith("GET ")) return { lengthBytes };
  const { id, params } = JSON.parse(bytes.toString("latin1", end + 4, lengthBytes)) as {
    id: number;
    params: { tx: string };
  };
  const identity = format.identify(Buffer.from(params.tx, "base64"));
  if (identity === undefined) throw new Error("a transaction that is not of ours");
  return { lengthBytes, call: { id, sequence: identity.sequence } };
}
