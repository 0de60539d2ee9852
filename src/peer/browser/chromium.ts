/** One Chromium without a window, which runs one page. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { connect, type Page } from "puppeteer-core";
import { PipeTransport } from "./pipe-transport.ts";

export interface BrowserOptions {
  /** Path of Chromium. */
  readonly program: string;
  /** Folder for its profile. */
  readonly home: string;
  readonly pageUrl: string;
  /** Chromium's sandbox needs user namespaces, which neither root nor a container has for it. */
  readonly isSandboxed: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** What page and browser say, a line each. */
  readonly onLine: (line: string) => void;
}

export interface RunningBrowser extends AsyncDisposable {
  /** What the page says of itself. @throws Error where it does not answer */
  readonly read: () => Promise<PageState>;
  /** Resolves when the browser has ended, with the reason. Never rejects. */
  readonly ended: Promise<string>;
}

/** Attributes of the page's root, and the sentence that people read. */
export interface PageState {
  readonly state: string;
  readonly connected: number;
  readonly text: string;
}

/** Peers find each other also where a machine has no other interface than loopback, and nobody's page is slowed down. */
const flags = [
  "--headless=new",
  "--remote-debugging-pipe",
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-breakpad",
  "--disable-component-update",
  "--disable-crash-reporter",
  "--disable-default-apps",
  "--disable-dev-shm-usage",
  "--disable-extensions",
  "--disable-gpu",
  "--disable-sync",
  "--mute-audio",
  "--no-proxy-server",
  "--disable-features=WebRtcHideLocalIpsWithMdns,Translate,MediaRouter,OptimizationHints",
  "--allow-loopback-in-peer-connection",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-backgrounding-occluded-windows",
];

/** Whoever waits for the browser has a limit of their own, which counts: many that start at once are slow. */
const openTimeoutMs = 600_000;
const answerTimeoutMs = 5_000;
const closeTimeoutMs = 1_000;

/** Descriptors of the browser's debugging interface: where it reads, and where it writes. */
const [commandsAt, repliesAt] = [3, 4];

/**
 * Starts Chromium in the process group of this process, so that whatever ends the group ends it too; it also ends when
 * this process does.
 *
 * @throws Error where it cannot be started, or the page cannot be loaded
 */
export async function startBrowser(options: BrowserOptions): Promise<RunningBrowser> {
  const { program, home, pageUrl, isSandboxed, onLine } = options;
  const { origin } = new URL(pageUrl);
  const argv = [
    ...flags,
    ...(isSandboxed ? [] : ["--no-sandbox"]),
    // Pages of other machines have no certificate, and are our own.
    `--unsafely-treat-insecure-origin-as-secure=${origin}`,
    `--user-data-dir=${join(home, "profile")}`,
    "about:blank",
  ];
  const env = { ...options.env, ...(await temporaryFolder(home)) };
  const child = spawn(program, argv, { env, stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"] });
  const ended = endOf(child);
  keepLines(child.stderr, onLine);
  const transport = new PipeTransport(
    child.stdio[commandsAt] as Writable,
    child.stdio[repliesAt] as Readable,
  );
  const end = async () => {
    // The interface's end ends the browser.
    transport.close();
    const timer = setTimeout(() => child.kill("SIGKILL"), closeTimeoutMs);
    await ended;
    clearTimeout(timer);
  };
  try {
    const page = await Promise.race([
      openPage(transport, { pageUrl, onLine, onCrash: () => child.kill("SIGKILL") }),
      ended.then((reason) => Promise.reject(new Error(`Chromium ended: ${reason}`))),
    ]);
    return { read: () => readState(page), ended, [Symbol.asyncDispose]: end };
  } catch (error) {
    await end();
    throw error;
  }
}

/** The kernel's limit for the path of a socket, less the name that Chromium gives to its own. */
const longestTemporaryFolder = 107 - "/org.chromium.Chromium.XXXXXX/SingletonSocket".length;

/** A browser that is killed leaves its temporary folder: in its node's home, that goes with the node. */
async function temporaryFolder(home: string): Promise<{ readonly TMPDIR?: string }> {
  const folder = join(home, "tmp");
  if (Buffer.byteLength(folder) > longestTemporaryFolder) return {};
  await mkdir(folder, { recursive: true });
  return { TMPDIR: folder };
}

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
}

async function openPage(
  transport: PipeTransport,
  { pageUrl, onLine, onCrash }: Pick<BrowserOptions, "pageUrl" | "onLine"> & { readonly onCrash: () => void },
): Promise<Page> {
  const browser = await connect({ transport, protocolTimeout: openTimeoutMs, defaultViewport: null });
  const [page = await browser.newPage()] = await browser.pages();
  // Chromium lives on without the page's process.
  page.on("error", (error) => {
    onLine(`page crashed: ${error.message}`);
    onCrash();
  });
  page.on("pageerror", (error) => onLine(`page: ${String(error)}`));
  page.on("console", (message) => onLine(`console ${message.type()}: ${message.text()}`));
  // Only with these does WebRTC use all interfaces: otherwise that of the default route, which not every network has.
  await browser
    .defaultBrowserContext()
    .overridePermissions(new URL(pageUrl).origin, ["camera", "microphone"]);
  const reply = await page.goto(pageUrl, { timeout: openTimeoutMs });
  if (reply?.ok() !== true) throw new Error(`${new URL(pageUrl).origin} replied with ${reply?.status()}`);
  return page;
}

/** In the page. */
const expression = `({
  state: document.documentElement.dataset.state ?? "",
  connected: Number(document.documentElement.dataset.connected ?? 0),
  text: document.getElementById("state")?.textContent ?? "",
})`;

async function readState(page: Page): Promise<PageState> {
  const late = AbortSignal.timeout(answerTimeoutMs);
  return await Promise.race([
    page.evaluate(expression) as Promise<PageState>,
    once(late, "abort").then(() => Promise.reject(new Error("the page does not answer"))),
  ]);
}

/** It says again and again that there is no system bus, which it does not need here. */
const noise = /\bdbus\/\w+\.cc/;
/** More of one line is cut. */
const longestLine = 1_000;

function keepLines(stream: Readable | null, onLine: (line: string) => void): void {
  let rest = "";
  stream?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = (lines.pop() ?? "").slice(-longestLine);
    for (const line of lines) {
      if (line.trim() !== "" && !noise.test(line)) onLine(line.slice(0, longestLine));
    }
  });
}
