import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type PageContent, pageFiles } from "../../contracts/peer-tests/node-files.ts";
import { usualPeerLibrary } from "../../contracts/peer-tests/peer-library.ts";
import { formatAuthority } from "../../core/address.ts";
import { createApp, guardReading, type ListenOptions, listenOn } from "../http/listen.ts";
import { bundleClient } from "./library/bundle.ts";
import { type InstallPlace, installLibrary } from "./library/install.ts";
import { locateLibrary, parseLibrarySource } from "./library/peer-library.ts";

/** What a page is made of. */
export interface ClientPageParts extends InstallPlace {
  /**
   * "@dcl/catalyst-peer@VERSION", the path of a folder with another build of that package, or of a module that exports
   * `peerLibrary`. Default: the pinned version.
   */
  readonly peerLibrary?: string | undefined;
  /** Paths of modules that export `createRoutine`: each is a routine of the page, by the name of its file. */
  readonly routineFiles?: readonly string[] | undefined;
}

export interface ClientPageOptions extends ListenOptions, ClientPageParts {}

/** A page that is ready to be served. */
export interface BuiltPage {
  readonly content: PageContent;
  readonly library: {
    readonly name: string;
    /** Empty for a module. */
    readonly version: string;
    /** SHA-256 of the whole script, in hexadecimal: the same for pages that run the same. */
    readonly scriptSha256: string;
  };
}

export interface ClientPage extends AsyncDisposable, Pick<BuiltPage, "library"> {
  /** Of the page; its parameters are those of the query. */
  readonly url: string;
}

const mostConnections = 1_000;

const headers = {
  // Lighthouse and results server are elsewhere, wherever the query says.
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src http: https: ws: wss:; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
} as const;

/**
 * Makes the page that runs a test peer. The first time, it installs the peer library, which takes some seconds.
 *
 * @throws PeerLibraryError, CommandError where the library cannot be had
 */
export async function buildClientPage(parts: ClientPageParts): Promise<BuiltPage> {
  const { peerLibrary = usualPeerLibrary, routineFiles = [] } = parts;
  const source = parseLibrarySource(peerLibrary);
  const installed = await installLibrary(source, parts);
  const library = await locateLibrary(source, installed);
  const paths = routineFiles.map((file) => resolve(file));
  const script = await bundleClient({ installed, library, routineFiles: paths });
  const read = (name: string) => readFile(new URL(`./browser/${name}`, import.meta.url), "utf8");
  const [page, style] = await Promise.all([read(pageFiles.page), read(pageFiles.style)]);
  const scriptSha256 = createHash("sha256").update(script).digest("hex");
  return {
    content: { page, style, script },
    library: { name: library.name, version: library.version, scriptSha256 },
  };
}

/**
 * Serves a page that is built, until it is disposed of.
 *
 * @returns its URL
 * @throws ListenError where it cannot listen there
 */
export async function serveClientPage(
  { page, style, script }: PageContent,
  options: ListenOptions,
): Promise<AsyncDisposable & Pick<ClientPage, "url">> {
  const { listen, knownAs } = options;
  await using opened = new AsyncDisposableStack();
  const app = createApp(mostConnections);
  opened.defer(() => app.close());
  let port = options.port;
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers(headers);
  });
  guardReading(app, () => ({ listen, port, knownAs }));
  app.get("/", (_request, reply) => reply.type("text/html; charset=utf-8").send(page));
  app.get("/page.css", (_request, reply) => reply.type("text/css; charset=utf-8").send(style));
  app.get("/client.js", (_request, reply) => reply.type("text/javascript; charset=utf-8").send(script));
  port = await listenOn(app, options);
  const scope = opened.move();
  return {
    url: `http://${formatAuthority({ host: listen, port })}/`,
    [Symbol.asyncDispose]: () => scope.disposeAsync(),
  };
}

/** Builds the page that runs a test peer, and serves it until it is disposed of. @throws what these two throw */
export async function startClientPage(options: ClientPageOptions): Promise<ClientPage> {
  const { content, library } = await buildClientPage(options);
  return { library, ...(await serveClientPage(content, options)) };
}
