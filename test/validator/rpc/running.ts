import { connect as connectSocket } from "node:net";
import { onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { Chain } from "../../../src/validator/engine/chain.ts";
import { type RunningServer, type ServerOptions, startRpcServer } from "../../../src/validator/rpc/index.ts";

/** A served chain, closed when the test ends. */
export async function serve(
  chain: Chain,
  options: Partial<ServerOptions> = {},
): Promise<RunningServer & { url: string }> {
  const server = await startRpcServer({ chain, host: "127.0.0.1", port: 0, log: () => {}, ...options });
  onTestFinished(() => server.close());
  return { ...server, url: `http://127.0.0.1:${server.port}` };
}

/** Answer to one JSON-RPC request by POST. */
export async function post(
  url: string,
  body: unknown,
): Promise<{ status: number; text: string; reply: unknown }> {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const response = await fetch(url, { method: "POST", body: text });
  return readResponse(response);
}

/** Answer to one GET. */
export async function get(url: string): Promise<{ status: number; text: string; reply: unknown }> {
  return readResponse(await fetch(url));
}

async function readResponse(response: Response): Promise<{ status: number; text: string; reply: unknown }> {
  const text = await response.text();
  const isJson = response.headers.get("content-type") === "application/json" && text !== "";
  return { status: response.status, text, reply: isJson ? (JSON.parse(text) as unknown) : undefined };
}

/** A bare connection, and what came over it. */
export function dial(port: number) {
  const socket = connectSocket(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let text = "";
  socket.setEncoding("latin1").on("data", (more: string) => {
    text += more;
  });
  socket.on("error", () => {});
  const ended = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
  return { socket, ended, received: () => text };
}

/** A raw WebSocket client; messages come out in order. */
export async function connect(url: string, options: { autoPong?: boolean } = {}) {
  const socket = new WebSocket(`${url.replace("http", "ws")}/websocket`, options);
  onTestFinished(() => socket.terminate());
  const messages: unknown[] = [];
  let wake = () => {};
  let closed = false;
  socket.on("message", (data) => {
    messages.push(JSON.parse(data.toString()));
    wake();
  });
  socket.on("error", () => {});
  const closing = new Promise<number>((resolve) => {
    socket.on("close", (code) => {
      closed = true;
      resolve(code);
      wake();
    });
  });
  await new Promise((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  return {
    socket,
    /** The code with which it was closed. */
    closing,
    send: (value: unknown) => socket.send(typeof value === "string" ? value : JSON.stringify(value)),
    next: async () => {
      while (messages.length === 0 && !closed) await new Promise<void>((resolve) => (wake = resolve));
      return messages.shift();
    },
  };
}
