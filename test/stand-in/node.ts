/** A scripted node: CometBFT-shaped RPC whose latencies, refusals and losses are known beforehand. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { WebSocketServer } from "ws";
import { type StandInBlock, StandInChain } from "./chain.ts";
import { applies, type StandInConfig } from "./config.ts";
import { format } from "./format.ts";

export interface StandIn extends AsyncDisposable {
  readonly port: number;
  readonly height: () => number;
  /** Breaks every connection and stops listening, as a killed process does. */
  readonly kill: () => Promise<void>;
  /** Breaks the subscriptions alone. */
  readonly dropSubscriptions: () => void;
  /** Connections that stand, of any kind. */
  readonly connections: () => Promise<number>;
}

interface RpcRequest {
  readonly id: number | string;
  readonly method: string;
  readonly params?: Record<string, unknown> | readonly unknown[];
}

/** Starts a scripted node; port 0 takes a free one. */
export async function startStandIn(config: StandInConfig): Promise<StandIn> {
  const chain = new StandInChain(config);
  const server = createServer({ keepAlive: true, noDelay: true }, (request, response) => {
    answer(request, response, { config, chain }).catch((error: unknown) => {
      response.statusCode = 500;
      response.end(String(error));
    });
  });
  const sockets = serveSubscriptions(server, chain, config);
  server.listen(config.rpc.port, config.rpc.host);
  await once(server, "listening");
  const kill = async () => {
    chain.close();
    for (const socket of sockets.clients) socket.terminate();
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  return {
    port: (server.address() as AddressInfo).port,
    height: () => chain.height,
    kill,
    dropSubscriptions: () => {
      for (const socket of sockets.clients) socket.terminate();
    },
    connections: () => promisify(server.getConnections.bind(server))(),
    [Symbol.asyncDispose]: kill,
  };
}

interface Parts {
  readonly config: StandInConfig;
  readonly chain: StandInChain;
}

async function answer(request: IncomingMessage, response: ServerResponse, parts: Parts): Promise<void> {
  const call = request.method === "POST" ? await readCall(request) : callOfUrl(request.url ?? "/");
  const send = (reply: object) => {
    if (response.destroyed) return;
    const text = JSON.stringify({ jsonrpc: "2.0", id: call.id, ...reply });
    response.setHeader("content-type", "application/json");
    response.setHeader("content-length", Buffer.byteLength(text));
    response.end(text);
  };
  if (call.method.startsWith("broadcast_tx_")) takeTransaction(call, { ...parts, send, response });
  else send(query(call, parts));
}

async function readCall(request: IncomingMessage): Promise<RpcRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as RpcRequest;
}

function callOfUrl(url: string): RpcRequest {
  const { pathname, searchParams } = new URL(url, "http://stand-in");
  return { id: -1, method: pathname.slice(1), params: Object.fromEntries(searchParams) };
}

function param(call: RpcRequest, name: string): unknown {
  return Array.isArray(call.params)
    ? call.params[0]
    : (call.params as Record<string, unknown> | undefined)?.[name];
}

function takeTransaction(
  call: RpcRequest,
  {
    config,
    chain,

    send,
    response,
  }: Parts & { send: (reply: object) => void; response: ServerResponse },
): void {
  const transaction = Buffer.from(String(param(call, "tx")), "base64");
  const identity = format.identify(transaction);
  if (identity === undefined) {
    send({ error: { code: -32602, message: "Invalid params", data: "not a transaction of ours" } });
    return;
  }
  const { behaviour } = config;
  chain.receive(transaction, identity);
  const hash = createHash("sha256").update(transaction).digest("hex").toUpperCase();
  if (applies("neverAnswer", behaviour, identity.sequence)) return;
  chain.later(behaviour.replyDelayMs, () => {
    if (applies("hangUp", behaviour, identity.sequence)) response.destroy();
    else if (applies("reject", behaviour, identity.sequence))
      send({ result: result(7, "refused by the script", hash) });
    else send({ result: result(0, "", hash) });
  });
}

const result = (code: number, log: string, hash: string) => ({ code, data: "", log, codespace: "", hash });

function query(call: RpcRequest, { config, chain }: Parts): object {
  switch (call.method) {
    case "health":
      return { result: {} };
    case "status":
      return {
        result: {
          node_info: { moniker: "stand-in", network: "stand-in" },
          sync_info: {
            latest_block_height: String(chain.height),
            latest_app_hash: chain.block(chain.height)?.hash ?? "",
            earliest_block_height: "1",
            catching_up: false,
          },
        },
      };
    case "net_info":
      return { result: { listening: true, listeners: [], n_peers: String(config.peers), peers: [] } };
    case "block": {
      const block = chain.block(Number(param(call, "height") ?? chain.height));
      if (block === undefined)
        return { error: { code: -32603, message: "Internal error", data: "no such height" } };
      return { result: blockJson(block) };
    }
    case "blockchain": {
      // One height alone, as the only one that is asked for.
      const block = chain.block(Number(param(call, "maxHeight")));
      if (block === undefined)
        return { error: { code: -32603, message: "Internal error", data: "no such height" } };
      const { block_id, block: value } = blockJson(block);
      const meta = { block_id, header: value.header, num_txs: String(block.transactions.length) };
      return { result: { last_height: String(chain.height), block_metas: [meta] } };
    }
    default:
      return { error: { code: -32601, message: "Method not found" } };
  }
}

function blockJson(block: StandInBlock) {
  return {
    block_id: { hash: block.hash, parts: { total: 1, hash: block.hash } },
    block: {
      header: {
        chain_id: "stand-in",
        height: String(block.height),
        time: new Date(block.timeMs).toISOString(),
        app_hash: block.hash,
      },
      data: { txs: block.transactions.map((transaction) => Buffer.from(transaction).toString("base64")) },
    },
  };
}

function serveSubscriptions(
  server: ReturnType<typeof createServer>,
  chain: StandInChain,
  config: StandInConfig,
): WebSocketServer {
  const sockets = new WebSocketServer({ server, path: "/websocket" });
  // The server's own errors come here too; whoever awaits its start is told them.
  sockets.on("error", () => {});
  sockets.on("connection", (socket) => {
    let stop = () => {};
    socket.on("error", () => socket.terminate());
    socket.on("close", () => stop());
    socket.on("message", (data) => {
      const call = JSON.parse(data.toString()) as RpcRequest;
      const send = (reply: object) => socket.send(JSON.stringify({ jsonrpc: "2.0", id: call.id, ...reply }));
      if (call.method !== "subscribe") {
        send(query(call, { config, chain }));
        return;
      }
      send({ result: {} });
      stop();
      stop = chain.onBlock((block) => {
        const { block: value, block_id } = blockJson(block);
        send({
          result: {
            query: String(param(call, "query")),
            data: {
              type: "tendermint/event/NewBlock",
              value: { block: value, block_id, result_finalize_block: { app_hash: block.hash } },
            },
            events: { "tm.event": ["NewBlock"] },
          },
        });
      });
    });
  });
  return sockets;
}
