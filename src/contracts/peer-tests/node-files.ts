/** What the processes of a test in browsers read from their homes. Plain JSON. */

/** A TCP address. */
interface Address {
  readonly host: string;
  readonly port: number;
}

export const browserFile = "browser.json";
export const helperFile = "helper.json";

/** browser.json: one browser that runs one peer. */
export interface BrowserFile {
  /** Of the node; its peer has the same. */
  readonly name: string;
  readonly rpc: Address;
  /** The page with its query. */
  readonly pageUrl: string;
  readonly testId: string;
  /** Its peer is ready once it is connected to so many others. */
  readonly leastConnected: number;
  /** Absolute path of Chromium; absent: where packages install it. */
  readonly chromium?: string | undefined;
}

/** A page's part of its test has ended, well or not. */
export const isOver = (state: string | undefined) => state === "ended" || state === "failed";

/** GET /status of a browser. */
export interface BrowserStatus {
  readonly testId: string;
  /** Of its page. */
  readonly state: string;
  readonly connected: number;
  readonly isReady: boolean;
  /** What keeps it from being ready, or why its page failed. */
  readonly waitsFor?: string | undefined;
}

interface Helper {
  readonly rpc: Address;
  /** Host of its address as others have it. */
  readonly knownAs: string;
}

/** helper.json: one of the servers of a test. */
export type HelperFile =
  | (Helper & {
      readonly role: "results-server";
      /** Of the pages that may report. */
      readonly clientOrigin: string;
      /** URL of InfluxDB, as `--stats-server-url` takes it; absent: points are relayed nowhere. */
      readonly statsServerUrl?: string | undefined;
    })
  | (Helper & { readonly role: "lighthouse" | "client-page" });

/** A line of the results server's output: the test that it has made, which browsers take part in. */
export const testLine = /^test (\S+)$/;

/** Files of the page in the home of the helper that serves it. */
export const pageFiles = { page: "page.html", style: "page.css", script: "client.js" } as const;

/** Content of these files. */
export type PageContent = Readonly<Record<keyof typeof pageFiles, string>>;
