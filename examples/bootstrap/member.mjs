// A member: joins through the given bootstrap node, then accepts transactions.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const [configFile, idFlag] = process.argv.slice(2);
const config = JSON.parse(await readFile(configFile, "utf8"));
const id = idFlag.replace("--bootstrap-id=", "");
let joined = false;
let transactions = 0;

createServer((request, response) => {
  const reply = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(value)}\n`);
  };
  if (request.url === "/health") {
    return joined
      ? reply(200, { joined: config.name, transactions })
      : reply(503, { error: "not joined yet" });
  }
  request.resume();
  request.on("end", () => {
    if (!joined) return reply(503, { error: "not joined yet" });
    transactions += 1;
    reply(202, { number: transactions });
  });
}).listen({ host: config.host, port: config.port });

const asked = new URLSearchParams({ name: config.name, id, key: config.key });
const reply = await fetch(`${config.bootstrap}/join?${asked}`);
if (!reply.ok) throw new Error(`the bootstrap node refused: ${await reply.text()}`);
joined = true;
console.log(`joined as ${config.name}`);
