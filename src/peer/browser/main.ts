/** Entry of the process of a browser that runs one peer: `main.js --home DIR`. Logs JSON lines to standard output. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserFile, type BrowserStatus, browserFile } from "../../contracts/peer-tests/node-files.ts";
import { type ProgramSetting, runNodeProgram } from "../../core/process/node-program.ts";
import { jsonReply, serveHttp } from "../http.ts";
import { type RunningBrowser, startBrowser } from "./chromium.ts";
import { chromiumRemedy, findChromium } from "./find-chromium.ts";

/** Where our images have this program. */
const isInImage = fileURLToPath(import.meta.url).startsWith("/app/");

async function run({ home, log, signal }: ProgramSetting): Promise<void> {
  const file = JSON.parse(await readFile(join(home, browserFile), "utf8")) as BrowserFile;
  const program = findChromium(file.chromium);
  if (program === undefined) throw new Error(`Chromium is missing. ${chromiumRemedy}.`);
  let browser: RunningBrowser | undefined;
  const server = await serveHttp(file.rpc, {
    "GET /status": async () => jsonReply(await statusOf(file, browser)),
  });
  log("browser starts", { name: file.name, program });
  const starting = startBrowser({
    program,
    home,
    pageUrl: file.pageUrl,
    env: process.env,
    isSandboxed: process.getuid?.() !== 0 && !isInImage,
    onLine: (line) => log(line),
  });
  starting.then(
    (started) => {
      browser = started;
    },
    () => {}, // it is awaited below
  );
  const stopped = signal.aborted ? Promise.resolve() : once(signal, "abort").then(() => {});
  const reason = await Promise.race([stopped, starting.then(({ ended }) => ended)]);
  server.close();
  server.closeAllConnections();
  await browser?.[Symbol.asyncDispose]();
  if (reason !== undefined) throw new Error(`Chromium ended: ${reason}`);
}

async function statusOf(
  { testId, leastConnected }: BrowserFile,
  browser: RunningBrowser | undefined,
): Promise<BrowserStatus> {
  const seen = await browser?.read();
  const { state = "starting", connected = 0, text = "its browser" } = seen ?? {};
  const lacks = `connections to other peers: it has ${connected} of ${leastConnected}`;
  const ofWaiting = connected < leastConnected ? lacks : undefined;
  // Once its test has begun, it answers: that is all that is asked of one that was down.
  const isUnderWay = state === "running" || state === "ended";
  const waitsFor = state === "waiting" ? ofWaiting : isUnderWay ? undefined : text;
  return { testId, state, connected, isReady: waitsFor === undefined, waitsFor };
}

await runNodeProgram(process, "browser", run);
