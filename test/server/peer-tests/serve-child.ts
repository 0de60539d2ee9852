/** A server in a process of its own, which can be killed: argv has its folder, and for tests of memory a port that tells it. */
import { startServer } from "../../../src/server/http/server.ts";

const [folder = ""] = process.argv.slice(2);
const server = await startServer({
  outputDir: `${folder}/benchmarks`,
  ...{ port: 0, listen: "127.0.0.1", version: "1.2.3" },
  peerTests: { folder: `${folder}/tests` },
});
process.stdout.write(`${server.clientUrl}\n`);
