// One of a ring of replicas: what it takes goes round by all of them, and is acknowledged once it is back. Who comes
// after whom follows from the ports alone: the replica with the next one, and after the last one the first.
import { createServer } from "node:http";

const [name, host, rpcPort, peerHost, peerPort, peers] = process.argv.slice(2);
const ring = peers.split(",").sort((a, b) => portOf(a) - portOf(b));
const next = ring[(ring.findIndex((peer) => portOf(peer) === Number(peerPort)) + 1) % ring.length];
const texts = [];

function portOf(address) {
  return Number(address.split(":").at(-1));
}

/** Keeps a text, and hands it on to so many others. */
async function pass(text, others) {
  texts.push(text);
  if (others === 0) return;
  const reply = await fetch(`http://${next}/${others - 1}`, { method: "POST", body: text });
  if (!reply.ok) throw new Error(`${next} replied ${reply.status}`);
}

function serve(othersFor) {
  return createServer(async (request, response) => {
    const reply = (status, value) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(`${JSON.stringify(value)}\n`);
    };
    if (request.method === "GET") return reply(200, { name, next, texts: texts.length });
    let text = "";
    for await (const part of request) text += part;
    await pass(text, othersFor(request)).then(
      () => reply(200, { texts: texts.length }),
      (error) => reply(503, { error: error.message }),
    );
  });
}

serve(() => ring.length - 1).listen({ host, port: Number(rpcPort) });
serve(({ url }) => Number(url.slice(1))).listen({ host: peerHost, port: Number(peerPort) });
