import { existsSync } from "node:fs";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import type { TestContext } from "vitest";

const executablePath = "/usr/bin/chromium";

/** Skips a test, with the reason, where there is no browser. */
export function needBrowser(context: TestContext): void {
  if (existsSync(executablePath)) return;
  context.skip("no Chromium is installed; `npm run test:full` as root on Debian installs it");
}

/** A page, and what it did that a page which stands alone does not do. */
export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** Messages of its console, errors among them. */
  readonly messages: readonly string[];
  /** All that it asked for, itself among them. */
  readonly requests: readonly string[];
}

/** A headless Chromium. It has no sandbox of its own, since tests may run as root; it opens only our pages. */
export async function openBrowser(): Promise<Browser & AsyncDisposable> {
  const browser = await puppeteer.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
  // It has what its types leave out.
  return browser as Browser & AsyncDisposable;
}

export async function openPage(browser: Browser, url: string, width: number): Promise<OpenedPage> {
  const page = await browser.newPage();
  const messages: string[] = [];
  const requests: string[] = [];
  page.on("console", (message) => messages.push(message.text()));
  page.on("pageerror", (error) => messages.push(String(error)));
  page.on("request", (request) => requests.push(request.url()));
  await page.setViewport({ width, height: 900 });
  await page.goto(url);
  return { page, messages, requests, [Symbol.asyncDispose]: () => page.close() };
}
