// A node of nothing: an HTTP server that says who it is, ends when told to, and knows its peers.
import { readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { greeting } from "./lib/greeting.mjs";

const config = JSON.parse(await readFile(process.argv[2], "utf8"));
if (config.exitAtOnce !== undefined) {
  process.stderr.write("ending at once, as configured\n");
  process.exit(config.exitAtOnce);
}

const routes = {
  "/status": async () => {
    const key = await stat(config.keyFile);
    const remembered = await readFile(`${config.home}/remembered`, "utf8").catch(() => "nothing");
    return {
      greeting,
      name: config.name,
      argument: process.argv[3],
      uid: process.getuid(),
      key: { mode: key.mode & 0o777, uid: key.uid, content: await readFile(config.keyFile, "utf8") },
      remembered,
    };
  },
  "/remember": () => writeFile(`${config.home}/remembered`, "something").then(() => ({})),
  "/peers": () =>
    Promise.all(
      config.peers.map(
        async ({ host, port }) => (await (await fetch(`http://${host}:${port}/name`)).json()).name,
      ),
    ),
  "/name": async () => ({ name: config.name }),
  "/exit": async () => {
    setImmediate(() => process.exit(3));
    return {};
  },
};

const serve = async (request, response) => {
  const route = routes[request.url];
  if (route === undefined) return response.writeHead(404).end();
  try {
    const body = JSON.stringify(await route());
    response.writeHead(200, { connection: "close" }).end(body);
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
};
for (const { host, port } of config.listen) createServer(serve).listen(port, host);
process.on("SIGTERM", () => {
  process.stdout.write("ending gracefully\n");
  process.exit(0);
});
process.stdout.write(`${config.name} is up\n`);
process.stderr.write(`${config.name} says so on standard error too\n`);
