// A bootstrap node: prints its id to its log, serves its key, and admits members that know both.
import { randomBytes } from "node:crypto";
import { createServer } from "node:http";

const [host, port] = process.argv.slice(2);
const id = randomBytes(8).toString("hex");
const key = randomBytes(16).toString("base64url");
const members = new Set();

createServer((request, response) => {
  const reply = (status, value) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(`${JSON.stringify(value)}\n`);
  };
  const { pathname, searchParams: asked } = new URL(request.url, "http://bootstrap");
  if (pathname === "/identity") return reply(200, { key });
  if (pathname !== "/join") return reply(404, { error: "no such place" });
  if (asked.get("id") !== id || asked.get("key") !== key) return reply(403, { error: "that is not me" });
  members.add(asked.get("name"));
  reply(200, { members: [...members] });
}).listen({ host, port: Number(port) }, () => console.log(`I am ${id}`));
