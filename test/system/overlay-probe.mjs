// Within the network namespace of a node: `answer HOST`, `ask FROM TO COUNT`, `hear INTERFACE`, `say INTERFACE`.
import { createSocket } from "node:dgram";
import { networkInterfaces } from "node:os";

const [mode, ...values] = process.argv.slice(2);
const port = 9;
const group = "ff02::7";
const groupPort = 10;
/** That of the interface, by its number: several may have the same link-local address. */
const scopeOf = (name) => networkInterfaces()[name]?.find(({ family }) => family === "IPv6")?.scopeid;
const print = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

if (mode === "answer") {
  const socket = createSocket("udp4");
  socket.on("message", (message, { address, port: from }) => socket.send(message, from, address));
  socket.bind(port, values[0], () => print("ready"));
} else if (mode === "ask") {
  const [from, to, count] = values;
  const socket = createSocket("udp4");
  const sent = [];
  const tookMs = [];
  socket.on("message", (message) => tookMs.push(performance.now() - sent[message.readUInt32BE(0)]));
  socket.bind(0, from, () => {
    for (let number = 0; number < Number(count); number++) {
      setTimeout(() => {
        const message = Buffer.alloc(4);
        message.writeUInt32BE(number);
        sent[number] = performance.now();
        // Without a route it is lost.
        socket.send(message, port, to, () => {});
      }, number * 10);
    }
    setTimeout(
      () => {
        print(tookMs);
        socket.close();
      },
      Number(count) * 10 + 500,
    );
  });
} else if (mode === "hear") {
  const socket = createSocket("udp6");
  socket.on("message", (message) => print(String(message)));
  socket.bind(groupPort, () => {
    socket.addMembership(group, `::%${values[0]}`);
    print("ready");
  });
} else {
  const socket = createSocket("udp6");
  socket.bind(0, () => {
    socket.setMulticastInterface(`::%${values[0]}`);
    socket.send(
      `to ${values[0]}, number ${scopeOf(values[0]) === undefined ? "unknown" : "known"}`,
      groupPort,
      `${group}%${values[0]}`,
      () => socket.close(),
    );
  });
}
