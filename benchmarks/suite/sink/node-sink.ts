/** The sink by Node's own HTTP server: what a server in a high-level language takes. Speaks as sink.c does. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

let [transactions, connections] = [0, 0];
const hash = "C0FFEE00".repeat(8);

const server = createServer({ keepAlive: true }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    transactions++;
    const id = /"id":("[^"]*"|-?\d+)/.exec(Buffer.concat(chunks).toString("latin1"))?.[1] ?? "-1";
    const result = `{"code":0,"data":"","log":"","codespace":"","hash":"${hash}"}`;
    response.setHeader("Content-Type", "application/json");
    response.end(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
  });
});
server.on("connection", () => connections++);

function printTotals(): void {
  const { user, system } = process.cpuUsage();
  const [seconds, nanoseconds] = process.hrtime();
  const atMs = seconds * 1000 + nanoseconds / 1e6;
  const cpuMs = (user + system) / 1000;
  const totals = { atMs, transactions, messages: transactions, connections, refused: 0, recorded: 0, cpuMs };
  process.stdout.write(`${JSON.stringify(totals)}\n`);
}

process.on("SIGUSR2", printTotals);
process.on("SIGTERM", () => {
  printTotals();
  process.exit(0);
});
server.listen(0, "127.0.0.1", () => {
  process.stdout.write(`listening ${(server.address() as AddressInfo).port}\n`);
});
