// Keeps notes in memory: POST /notes with {"text": "…"} answers {"number": n}; GET /health answers 200.
import { createServer } from "node:http";

const [host, port] = process.argv.slice(2);
const mostNotes = Number(process.env.MOST_NOTES);
const largestBodyBytes = 1_000_000;
const notes = new Map();
let count = 0;

createServer((request, response) => {
  const reply = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(value)}\n`);
  };
  if (request.method === "GET" && request.url === "/health") return reply(200, { notes: notes.size });
  if (request.method !== "POST" || request.url !== "/notes") return reply(404, { error: "no such place" });
  const parts = [];
  let bytes = 0;
  request.on("data", (part) => {
    bytes += part.length;
    if (bytes <= largestBodyBytes) parts.push(part);
  });
  request.on("end", () => {
    if (bytes > largestBodyBytes) return reply(413, { error: "too large" });
    const text = textOf(Buffer.concat(parts).toString());
    if (text === undefined) return reply(400, { error: "give a text" });
    count += 1;
    notes.set(count, text);
    notes.delete(count - mostNotes);
    reply(201, { number: count });
  });
}).listen({ host, port: Number(port) }, () => console.log(`listening on ${host}:${port}`));

function textOf(body) {
  try {
    const { text } = JSON.parse(body);
    return typeof text === "string" && text !== "" ? text : undefined;
  } catch {
    return undefined;
  }
}
