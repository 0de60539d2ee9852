/** All the ways in which a host breaks its word, by what they are. */
import { flood, type Lie } from "./lying-host.ts";

const noise = Buffer.alloc(32 * 1024, "x");

export const lies: Readonly<Record<string, Lie>> = {
  "accepts a command and says nothing": { run: () => {} },
  "floods standard output without an end of line": {
    run: (channel, start) => {
      start();
      flood(channel, noise);
    },
  },
  "never says how a command ended": {
    run: (channel, start) => {
      start();
      channel.end();
    },
  },
  "never opens a way to its Docker engine": { forward: () => {} },
  "is silent after the connection": { socket: () => {} },
  "is silent after the login has begun": { login: () => {} },
  "opens no session and does not say so": { session: () => {} },
  "refuses sessions": { session: (_, reject) => reject() },
  "accepts a session and is silent": { session: (accept) => void accept() },
  "says that a command runs, and no more": { run: (_, start) => start() },
  "floods standard output with lines": {
    run: (channel, start) => {
      start();
      flood(channel, Buffer.from("nothing\n".repeat(4000)));
    },
  },
  "floods standard output with single bytes": {
    run: (channel, start) => {
      start();
      flood(channel, "x");
    },
  },
  "floods standard error before the command": { run: (channel) => flood(channel.stderr, noise) },
  "floods standard error": {
    run: (channel, start) => {
      start();
      flood(channel.stderr, noise);
    },
  },
  "floods a banner": { socket: (socket) => flood(socket, "Welcome to this host.\r\n".repeat(100)) },
  "asks endlessly for another proof": {
    login: (_, client) => {
      const { _protocol: protocol } = client as unknown as {
        _protocol: { authInfoReq(name: string, words: string, prompts: readonly object[]): void };
      };
      const asking = setInterval(() => protocol.authInfoReq("", "", [{ prompt: "And?", echo: false }]), 10);
      client.on("close", () => clearInterval(asking));
    },
  },
  "closes the session in the middle of a command": {
    run: (channel, start) => {
      start();
      channel.close();
    },
  },
  "answers nonsense for facts": { facts: "baleen-survey 1\nhello\n" },
  "reads nothing of what is sent to a command": {
    run: (channel, start) => {
      channel.pause();
      start();
    },
  },
  "forwards to an engine that never answers": { engine: () => true },
  "floods answers of its engine": {
    engine: (_, reply) => {
      reply.writeHead(200, { "content-type": "application/json" });
      flood(reply, noise);
      return true;
    },
  },
};
