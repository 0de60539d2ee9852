/** Entry of a process that is one of the servers of a test in browsers: `main.js --home DIR`. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type HelperFile,
  helperFile,
  type PageContent,
  pageFiles,
} from "../../contracts/peer-tests/node-files.ts";
import { type ProgramSetting, runNodeProgram } from "../../core/process/node-program.ts";
import { serveClientPage } from "../client-page/client-page.ts";
import { type InfluxTarget, parseInfluxTarget, withTestDatabase } from "../export/influx/target.ts";
import type { ListenOptions } from "../http/listen.ts";
import { startTestServer } from "../http/test-server.ts";
import { startLighthouse } from "../lighthouse/lighthouse.ts";

/** Of its interface: whoever asks has the same package. */
const version = "1";

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function start(file: HelperFile, home: string): Promise<AsyncDisposable> {
  const own = { listen: file.rpc.host, port: file.rpc.port, knownAs: [file.knownAs] };
  switch (file.role) {
    case "lighthouse":
      return await startLighthouse({ ...own, version });
    case "client-page":
      return await serveClientPage(await readPage(home), own);
    case "results-server":
      return await startResultsServer(file, own, home);
  }
}

async function readPage(home: string): Promise<PageContent> {
  const read = (name: keyof PageContent) => readFile(join(home, pageFiles[name]), "utf8");
  const [page, style, script] = await Promise.all([read("page"), read("style"), read("script")]);
  return { page, style, script };
}

/** Makes the test that its browsers take part in: a name of its own, since a database may have those of all. */
async function startResultsServer(
  { clientOrigin, statsServerUrl }: Extract<HelperFile, { role: "results-server" }>,
  own: ListenOptions,
  home: string,
): Promise<AsyncDisposable> {
  const influx = statsServerUrl === undefined ? undefined : targetOf(statsServerUrl);
  const peerTests = { folder: join(home, "tests"), influx };
  const server = await startTestServer({ ...own, peerTests, clientOrigins: [clientOrigin], version });
  const id = `${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "")}-${randomBytes(3).toString("hex")}`;
  await server.tests.create(id, false);
  say(`test ${id}`);
  return server;
}

function targetOf(url: string): InfluxTarget {
  const parsed = parseInfluxTarget(withTestDatabase(url), undefined);
  if ("target" in parsed) return parsed.target;
  throw new TypeError(`statsServerUrl: ${parsed.problem}`);
}

async function run({ home, signal }: ProgramSetting): Promise<void> {
  const file = JSON.parse(await readFile(join(home, helperFile), "utf8")) as HelperFile;
  await using _server = await start(file, home);
  say(`${file.role} runs`);
  if (!signal.aborted) await once(signal, "abort");
}

await runNodeProgram(process, "helper", run);
