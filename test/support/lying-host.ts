/** An SSH server that lets everybody in and then breaks its word at one point, in one of many ways. */

import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { arch } from "node:process";
import type { Duplex, Writable } from "node:stream";
import ssh2 from "ssh2";
import { generateKeyPair } from "../../src/deploy/ssh/keys/ed25519.ts";

/** What a host does where it is asked for something; what is left out it does as it should. */
export interface Lie {
  /** In place of SSH. */
  readonly socket?: (socket: Socket) => void;
  /** In place of the login. */
  readonly login?: (context: ssh2.AuthContext, client: ssh2.Connection) => void;
  /** In place of a session. */
  readonly session?: (accept: () => ssh2.Session, reject: () => void) => void;
  /** In place of running a command; `start` says that it runs, as the shell would. */
  readonly run?: (channel: ssh2.ServerChannel, start: () => void) => void;
  /** What it says in place of its facts. */
  readonly facts?: string;
  /** In place of a way to its Docker engine. */
  readonly forward?: (accept: () => ssh2.ServerChannel) => void;
  /** In place of an answer of its Docker engine, where this returns true. */
  readonly engine?: (request: IncomingMessage, reply: ServerResponse) => boolean;
}

export interface LyingHost extends AsyncDisposable {
  readonly port: number;
  /** A private key that may log in. */
  readonly privateKey: string;
  /** A line of known_hosts. */
  readonly knownHost: string;
  /** Goes without a word: nothing that stands is closed, and nothing is answered any more. */
  readonly vanish: () => void;
}

/** Writes as fast as the other side takes it, until it goes. */
export function flood(to: Writable, chunk: string | Buffer): void {
  let open = true;
  to.on("error", () => {});
  to.on("close", () => {
    open = false;
  });
  const write = () => {
    let left = 1000;
    while (open && !to.destroyed && left > 0 && to.write(chunk)) left--;
    if (open && left === 0) setImmediate(write);
    else if (open) to.once("drain", write);
  };
  write();
}

const docker = JSON.stringify({ Version: "24.0.7" });
const goodFacts = [
  "baleen-survey 1",
  ...["user ubuntu", "sudo passwordless", "kernel-name Linux", "init systemd", "package-tool apt-get"],
  `machine ${arch === "arm64" ? "aarch64" : "x86_64"}`,
  ...["docker-engine /usr/bin/dockerd", "docker-client /usr/bin/docker"],
  ...["engine-way user", "engine-socket /var/run/docker.sock", `engine-version ${docker}`],
  "end survey\n",
].join("\n");

/** Answers of an engine that has nothing. */
const engineAnswers: readonly (readonly [RegExp, unknown])[] = [
  [/\/volumes$/, { Volumes: [] }],
  [/\/(containers|images)\/json$|\/networks$/, []],
  [
    /\/version$/,
    { Version: "24.0.7", ApiVersion: "1.43", Os: "linux", Arch: arch === "x64" ? "amd64" : arch },
  ],
  [/\/info$/, { DockerRootDir: "/var/lib/docker", SystemTime: "2026-01-01T00:00:00.0Z" }],
];

function openEngine({ engine }: Lie) {
  return createHttpServer((request, reply) => {
    if (engine?.(request, reply) === true) return;
    const path = (request.url ?? "").split("?")[0] ?? "";
    const answer = engineAnswers.find(([form]) => form.test(path))?.[1];
    request.resume();
    reply.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    reply.end(JSON.stringify(answer ?? { message: "no such thing" }));
  });
}

/** A command as the login shell gets it; its words alone decide what it does here. */
function runWell(line: string, channel: ssh2.ServerChannel, facts: string): void {
  const end = (text = "") => {
    channel.write(text);
    channel.exit(0);
    channel.end();
  };
  channel.resume();
  if (line.includes("baleen-host.lock") && / hold /.test(line)) {
    channel.write("held\n");
    channel.on("end", () => end());
  } else if (line.includes("baleen-host.lock")) end("free\n");
  else if (/ -s /.test(line)) channel.on("end", () => end(facts));
  else end();
}

const keys = generateKeyPair("lying-host");

export async function startLyingHost(lie: Lie): Promise<LyingHost> {
  const engine = openEngine(lie);
  const open = new Set<Socket>();
  let hasVanished = false;
  const server = new ssh2.Server({ hostKeys: [keys.privateKey] }, (client) => {
    client.on("error", () => {});
    client.on("authentication", (context) => {
      if (lie.login !== undefined) lie.login(context, client);
      else if (context.method === "publickey") context.accept();
      else context.reject(["publickey"]);
    });
    client.on("session", (accept, reject) => {
      if (lie.session !== undefined) return lie.session(accept, reject as () => void);
      accept().on("exec", (acceptExec, _, { command }) => {
        const channel = acceptExec();
        channel.on("error", () => {});
        const mark = /\bbaleen-[\da-f-]{36}\b/.exec(command)?.[0];
        const start = () => channel.stderr.write(`${mark} 4711 1\n`);
        if (lie.run !== undefined) return lie.run(channel, start);
        if (mark !== undefined) start();
        runWell(command, channel, lie.facts ?? goodFacts);
      });
    });
    client.on("openssh.streamlocal" as "tcpip", (accept) => {
      if (lie.forward !== undefined) return lie.forward(accept);
      engine.emit("connection", asSocket(accept()));
    });
  });
  const door = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    if (hasVanished) return;
    if (lie.socket === undefined)
      (server as unknown as { injectSocket(socket: Socket): void }).injectSocket(socket);
    else lie.socket(socket);
  }).listen(0, "127.0.0.1");
  await once(door, "listening");
  const { port } = door.address() as AddressInfo;
  return {
    port,
    privateKey: keys.privateKey,
    knownHost: `[127.0.0.1]:${port} ${keys.publicKey}\n`,
    vanish: () => {
      hasVanished = true;
      for (const socket of open) socket.pause();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of open) socket.destroy();
      door.close();
      engine.close();
      await once(door, "close");
    },
  };
}

/** What Node.js's HTTP server asks of a connection besides being a stream. */
function asSocket(stream: Duplex): Duplex {
  stream.on("error", () => {});
  const nothing = () => stream;
  return Object.assign(stream, { setTimeout: nothing, setNoDelay: nothing, setKeepAlive: nothing });
}
