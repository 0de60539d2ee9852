// A node for tests: listens where its configuration says, answers GET /health, and behaves as told.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { connect } from "node:net";

/** What the node is told, as JSON in the file that its first argument names. */
export interface SmallNodeConfig {
  readonly listen: readonly { readonly host: string; readonly port: number }[];
  readonly peers: number;
  /** Height stops growing here; default: never. */
  readonly stuckAt?: number;
  /** Ends with this code before it listens. */
  readonly failWith?: number;
  readonly ignoreSigterm?: boolean;
  /** Where this file does not exist yet: lets another process take its port, notes its pid here, and fails. */
  readonly losePortOnce?: string;
  /** Where this file does not exist yet: makes it, says that its port is taken, and fails, though nobody has it. */
  readonly missPortOnce?: string;
}

const config = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")) as SmallNodeConfig;
appendFileSync("starts.txt", `${process.pid}\n`);
process.stdout.write(`started in ${process.cwd()}\n`);
process.stderr.write(`arguments ${JSON.stringify(process.argv.slice(3))}\n`);
process.stderr.write(`flags of Node.js ${JSON.stringify(process.execArgv)}\n`);
process.stderr.write(`environment ${JSON.stringify(process.env)}\n`);
if (process.argv.includes("--exit-with-parent")) {
  process.stdin.resume();
  process.stdin.on("close", () => process.exit(0));
}
if (config.ignoreSigterm === true) process.on("SIGTERM", () => process.stdout.write("SIGTERM ignored\n"));
if (config.failWith !== undefined) {
  process.stderr.write("fatal: told to fail\n");
  process.exit(config.failWith);
}
if (config.missPortOnce !== undefined && !existsSync(config.missPortOnce)) {
  writeFileSync(config.missPortOnce, "");
  process.stderr.write("fatal: listen EADDRINUSE: address already in use\n");
  process.exit(1);
}
const [first] = config.listen;
if (config.losePortOnce !== undefined && first !== undefined && !existsSync(config.losePortOnce)) {
  const code = `require("node:http").createServer().listen(${first.port}, "${first.host}")`;
  const thief = spawn(process.execPath, ["-e", code], { detached: true, stdio: "ignore" });
  thief.unref();
  writeFileSync(config.losePortOnce, String(thief.pid));
  for (let taken = false; !taken; ) {
    const socket = connect(first);
    taken = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
  }
}

let height = 0;
setInterval(() => {
  if (config.stuckAt === undefined || height < config.stuckAt) height++;
}, 20);
for (const endpoint of config.listen) {
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ height, peers: config.peers, catchingUp: false }));
  });
  server.listen(endpoint.port, endpoint.host);
}
