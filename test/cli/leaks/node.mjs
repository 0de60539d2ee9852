// Keeps memory that it frees again; every second node also some that it does not, LEAK_MIB_PER_MIN of it.
import { createServer } from "node:http";

const [host, port, name] = process.argv.slice(2);
const leakMibPerMin = Number(process.env.LEAK_MIB_PER_MIN);
const isLeaking = Number(name.replace(/\D/g, "")) % 2 === 1;
const mib = 1024 ** 2;
const freed = [];
const kept = [];
const startedMs = performance.now();
let ticks = 0;

setInterval(() => {
  ticks += 1;
  // A heap that fills for ten seconds, and is emptied.
  if (ticks % 100 === 0) {
    freed.length = 0;
    globalThis.gc();
  } else if (ticks % 10 === 0) freed.push(Buffer.alloc(mib, 1));
  const due = isLeaking ? ((performance.now() - startedMs) / 60_000) * leakMibPerMin * 4 : 0;
  while (kept.length < due) kept.push(Buffer.alloc(mib / 4, 1));
}, 100);

createServer((request, response) => {
  request.resume();
  response.writeHead(request.method === "POST" ? 201 : 200, { "content-type": "application/json" });
  response.end('{"ok":true}\n');
}).listen({ host, port: Number(port) });
