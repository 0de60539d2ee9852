#!/usr/bin/env node
// A native benchmark: load and network in one program, so no socket of the load is between them. Its network is small,
// datagrams with a number and a time from one neighbour to the other; put your own library in its place.
//
//   node native.mjs send --to ADDRESS --port 27000 --rate 500 --size 1250 [--lose 7] [--double 2]
//   node native.mjs receive --port 27000
//
// It prints what it sends and receives as JSON lines, and reads {"windowSecs": 30} when the measurement begins. With --lose
// and --double, so many of the first packets after that are lost, or sent twice: a check that Baleen finds exactly those.
import { createSocket } from "node:dgram";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    to: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "27000" },
    rate: { type: "string", default: "50" },
    size: { type: "string", default: "1000" },
    lose: { type: "string", default: "0" },
    double: { type: "string", default: "0" },
  },
});

/** The network: packets of up to 1,300 bytes between two neighbours. */
class Network {
  #socket = createSocket({ type: "udp4", recvBufferSize: 4 * 1024 * 1024 });

  send(number, sentAt, size, { to, port }) {
    const packet = Buffer.alloc(Math.max(12, size));
    packet.writeUInt32BE(number, 0);
    packet.writeDoubleBE(sentAt, 4);
    this.#socket.send(packet, port, to, () => {}); // what the link does not take is lost
  }

  receive(port, onPacket) {
    this.#socket.on("message", (packet) => onPacket(packet.readUInt32BE(0), packet.readDoubleBE(4)));
    this.#socket.bind(port);
  }
}

/** Reports of one kind, twenty times a second. */
class Reports {
  #kind;
  #more;
  #rows = [];

  constructor(kind, more = {}) {
    this.#kind = kind;
    this.#more = more;
    setInterval(() => this.#print(), 50);
  }

  add(number, at, more = {}) {
    this.#rows.push({ number, at, ...more });
    if (this.#rows.length >= 1000) this.#print();
  }

  #print() {
    const rows = this.#rows.splice(0);
    if (rows.length === 0) return;
    const column = (name) => rows.map((row) => row[name]);
    const sentAt = rows[0].sentAt === undefined ? {} : { sentAt: column("sentAt") };
    const report = { [this.#kind]: column("number"), at: column("at"), ...sentAt, ...this.#more };
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
}

const now = () => performance.timeOrigin + performance.now();
const network = new Network();
const port = Number(values.port);

function send() {
  const [rate, size] = [Number(values.rate), Number(values.size)];
  const reports = new Reports("sent", { bytes: size });
  let [number, toLose, toDouble] = [0, 0, 0];
  createInterface({ input: process.stdin }).on("line", (line) => {
    if (!("windowSecs" in JSON.parse(line))) return;
    [toLose, toDouble] = [Number(values.lose), Number(values.double)];
  });
  const startMs = now();
  setInterval(() => {
    // Open loop: what is late delays nothing after it.
    for (; startMs + (number * 1000) / rate <= now(); number++) {
      const at = now();
      reports.add(number, at);
      if (toLose > 0) {
        toLose--;
        continue;
      }
      network.send(number, at, size, { to: values.to, port });
      if (toDouble === 0) continue;
      toDouble--;
      network.send(number, at, size, { to: values.to, port });
    }
  }, 1);
}

function receive() {
  const reports = new Reports("received");
  network.receive(port, (number, sentAt) => reports.add(number, now(), { sentAt }));
}

if (positionals[0] === "send") send();
else receive();
