/** A real browser without a window, where Debian's is installed. */
import { existsSync } from "node:fs";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

const chromiumPath = "/usr/bin/chromium";

/** Why tests in a browser are skipped here; undefined: they are not. */
export const whyNoChromium: string | undefined = existsSync(chromiumPath)
  ? undefined
  : `(SKIPPED: there is no ${chromiumPath}; npm run test:full installs it as root on Debian or Ubuntu, or: apt-get install --no-install-recommends chromium fonts-dejavu-core)`;

export async function openBrowser(
  flags: readonly string[] = [],
): Promise<AsyncDisposable & { readonly browser: Browser }> {
  // As root there is no sandbox, and the pages are our own.
  const browser = await puppeteer.launch({
    executablePath: chromiumPath,
    args: ["--no-sandbox", ...flags],
  });
  return { browser, [Symbol.asyncDispose]: () => browser.close() };
}

/** A page, and what it said and asked for. */
export interface OpenedPage {
  readonly page: Page;
  /** Its errors, and all messages of its console. */
  readonly messages: readonly string[];
  /** All that it asked for, itself among them. */
  readonly requests: readonly string[];
}

export async function openPage(browser: Browser, url: string, width = 1400): Promise<OpenedPage> {
  // A window of its own: what nobody sees is not drawn.
  const page = await (await browser.createBrowserContext()).newPage();
  const messages: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.setViewport({ width, height: 1000 });
  await page.goto(url);
  return { page, messages, requests };
}

/** What a figure of a run's page shows: "103.4 tx/s". */
export async function figureOn(page: Page, name: string): Promise<string> {
  const figure = await page.waitForSelector(`[data-figure="${name}"]`);
  return (await figure?.evaluate((element) => element.textContent)) ?? "";
}
