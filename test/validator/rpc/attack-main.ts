/** Entry of a hostile client's process, for tests alone: `attack-main.ts NAME PORT HEIGHT`, until it is killed. */
import { connect, type Socket } from "node:net";

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
const post = (body: string) =>
  `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;

/**
 * Asks for the same again and again, and reads nothing. A socket that is not read from does not keep this process, and
 * learns from its writes alone that it was hung up on.
 */
function ask(socket: Socket, text: string): void {
  socket.pause().write(text);
  const timer = setInterval(() => socket.write(get("/health")), 500);
  socket.on("close", () => clearInterval(timer));
}

/** Writes the same again and again, as fast as it is taken. */
function pump(socket: Socket, text: string): void {
  const bytes = Buffer.from(text);
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on("drain", more).resume();
  more();
}

interface Attack {
  readonly connections: number;
  readonly begin: (socket: Socket) => void;
}

const [name = "", port = "", height = ""] = process.argv.slice(2);

const attacks: Readonly<Record<string, Attack>> = {
  /** 150 kB of requests for a block of megabytes, and no reply is read. */
  "unread blocks": {
    connections: 40,
    begin: (socket) => ask(socket, get(`/block?height=${height}`).repeat(80)),
  },
  "large invalid bodies": {
    connections: 20,
    begin: (socket) => pump(socket, post(`{${" ".repeat(900_000)}`)),
  },
  "small invalid bodies": { connections: 20, begin: (socket) => pump(socket, post("{").repeat(1_000)) },
};

/** Comes back whenever it is hung up on. */
function attack(port: number, begin: Attack["begin"]): void {
  const socket = connect(port, "127.0.0.1");
  socket.on("connect", () => begin(socket));
  socket.on("error", () => {});
  socket.on("close", () => setTimeout(attack, 50, port, begin));
}

const chosen = attacks[name];
if (chosen === undefined) throw new Error(`give one of: ${Object.keys(attacks).join(", ")}`);
for (let i = 0; i < chosen.connections; i++) attack(Number(port), chosen.begin);
