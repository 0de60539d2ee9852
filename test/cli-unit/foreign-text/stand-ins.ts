/** Programs on the other side that say what nobody wants to see. */

import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import ssh2, { type Connection, type ServerChannel } from "ssh2";
import { generateKeyPair } from "../../../src/deploy/ssh/keys/ed25519.ts";

/** A Docker engine on a socket: lists with this text in every name and label, and fails with it at anything else. */
export async function startEngine(socketPath: string, text: string): Promise<void> {
  const labels = { "baleen.run": text, "baleen.node": text, "baleen.holder": "you@elsewhere 1 2" };
  const container = {
    Id: "c1",
    Names: [`/${text}`],
    Image: text,
    State: "running",
    Status: "Up",
    Created: 1,
  };
  const lists: readonly [path: RegExp, reply: unknown][] = [
    [/\/version/, { Version: text, ApiVersion: "1.45", Os: "linux", Arch: "amd64" }],
    [/\/containers\/json/, [{ ...container, Labels: labels, Ports: [] }]],
    [/\/volumes/, { Volumes: [{ Name: text, Labels: labels }] }],
    [/\/networks/, [{ Id: "n1", Name: text, Labels: labels }]],
    [/\/images\/json/, [{ Id: "i1", RepoTags: [text] }]],
  ];
  const server = createServer(({ method, url = "" }, response) => {
    const reply = lists.find(([path]) => method === "GET" && path.test(url))?.[1];
    response.writeHead(reply === undefined ? 500 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(reply ?? { message: text }));
  });
  await once(server.listen(socketPath), "listening");
}

/** What answers with this text and no protocol. @returns its port */
export async function startChatter(text: string): Promise<number> {
  const server = createTcpServer((socket) => socket.on("error", () => {}).end(`${text}\r\n`));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

export interface SshReply {
  readonly stdout?: string;
  readonly stderr?: string;
  /** None: when its input ends. */
  readonly exitCode?: number;
}

/** A host that any key opens, and whose commands answer what the test says. @returns its port */
export async function startSshHost(
  text: string,
  answer: (line: string, mark: string) => SshReply,
): Promise<number> {
  const hostKey = generateKeyPair("host").privateKey;
  const take = (connection: Connection) => {
    connection.on("error", () => {});
    connection.on("authentication", (attempt) => attempt.accept());
    connection.on("ready", () =>
      connection.on("session", (accept) => {
        accept().on("exec", (acceptExec, _reject, { command }) => {
          const channel: ServerChannel = acceptExec();
          const reply = answer(command, /baleen-[0-9a-f-]+/.exec(command)?.[0] ?? "");
          // What was sent to it comes first.
          channel.resume();
          channel.stderr.write(reply.stderr ?? "");
          channel.write(reply.stdout ?? "");
          const end = () => {
            channel.exit(reply.exitCode ?? 0);
            channel.end();
          };
          if (reply.exitCode === undefined) channel.once("end", end);
          else end();
        });
      }),
    );
  };
  const server = new ssh2.Server(
    { hostKeys: [hostKey], banner: text, greeting: text.replaceAll("\n", " ") },
    take,
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}
