/** Who may ask the server, and how that is found out. Pure. */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { isLoopback } from "../../core/address.ts";
import { isTestPath } from "./test-paths.ts";

export interface AccessOptions {
  /** The address or name that it listens on. */
  readonly listen: string;
  readonly port: number;
  /** What others call it, where that is a name. */
  readonly knownAs?: readonly string[] | undefined;
  /** Absent: everybody on this machine may ask. */
  readonly token?: string | undefined;
  /** Whether events may be pushed. Default: no. */
  readonly receivesEvents?: boolean | undefined;
  /** With it, links may be changed. Absent: nobody may change them. */
  readonly changeKey?: string | undefined;
  /** Origins of pages that may ask about tests of peers. Absent: this server has no tests. */
  readonly clientOrigins?: readonly string[] | undefined;
}

/** What of a request decides. */
export interface AskedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Allowed; a preflight, which is allowed and needs nothing but headers; sent on, with a cookie, to the address without its token; or refused. */
export type Decision =
  | { readonly kind: "allowed" }
  | { readonly kind: "preflight" }
  | { readonly kind: "signed-in"; readonly location: string; readonly cookie: string }
  | { readonly kind: "refused"; readonly status: RefusalStatus; readonly reason: string };

type RefusalStatus = 400 | 401 | 403 | 405 | 413 | 415;

const refused = (status: RefusalStatus, reason: string): Decision => ({
  kind: "refused",
  status,
  reason,
});

/** Where events are pushed, and as what. */
export const eventsPath = "/events";
export const eventsType = "application/x-ndjson";

/** Where links are changed. */
export const changesPath = "/api/links";

/** A path of this server, so that nobody is sent elsewhere. */
const anywhere = "http://baleen.invalid";

/** Whether a request may be answered. */
export function decideAccess(request: AskedRequest, options: AccessOptions): Decision {
  const { clientOrigins } = options;
  const isOfTests = clientOrigins !== undefined && isTestPath(request.url);
  return isOfTests ? decideTests(request, options, clientOrigins) : decidePages(request, options);
}

function decidePages(request: AskedRequest, options: AccessOptions): Decision {
  const { method, headers } = request;
  if (method === "POST" && options.changeKey !== undefined && isPathOf(request, changesPath))
    return decideChange(request, options, options.changeKey);
  const isPush = method === "POST" && options.receivesEvents === true && isPathOf(request, eventsPath);
  if (method !== "GET" && method !== "HEAD" && !isPush) return refused(405, "Only GET is allowed.");
  // Forms of other sites' pages cannot send this type.
  if (isPush && textOf(headers["content-type"]) !== eventsType) {
    return refused(415, `The content type of events is ${eventsType}.`);
  }
  if (!isPush && hasBody(headers)) return refused(413, "No request has a body here.");
  const foreign = decideHost(headers, options);
  if (foreign !== undefined) return foreign;
  if (isForeign(headers)) return refused(403, "Another site's page may not ask.");
  return decideToken(request, options);
}

/** A person on a page of this server whose address had the key. */
function decideChange({ headers }: AskedRequest, options: AccessOptions, key: string): Decision {
  if (!isJson(headers)) return refused(415, "The content type of a change is application/json.");
  const foreign = decideHost(headers, options);
  if (foreign !== undefined) return foreign;
  if (isForeign(headers)) return refused(403, "Another site's page may not ask.");
  if (isSame(bearerOf(headers) ?? "", key)) return { kind: "allowed" };
  return refused(401, "Open the address that the command printed, with its key.");
}

/** Pages of the origins of clients may ask about tests, whatever they are; nobody is sent elsewhere, or given a cookie. */
function decideTests(
  { method, url, headers }: AskedRequest,
  options: AccessOptions,
  clientOrigins: readonly string[],
): Decision {
  const changes = method === "POST" || method === "PUT";
  const isPreflight = method === "OPTIONS" && headers["access-control-request-method"] !== undefined;
  if (!changes && !isPreflight && method !== "GET" && method !== "HEAD")
    return refused(405, "Only GET, POST and PUT are allowed.");
  const foreign = decideHost(headers, options);
  if (foreign !== undefined) return foreign;
  const { origin } = headers;
  if (isForeign(headers) && !clientOrigins.includes(textOf(origin)))
    return refused(403, "Another site's page may not ask. Allow its origin with --client-origin.");
  // A browser that says nothing of the page's origin still says that there is one.
  const site = textOf(headers["sec-fetch-site"]);
  if (changes && origin === undefined && site !== "" && site !== "same-origin" && site !== "none")
    return refused(403, "Another site's page may not ask.");
  if (isPreflight) return { kind: "preflight" };
  if (!changes && hasBody(headers)) return refused(413, "No such request has a body here.");
  // Forms and simple requests of other sites' pages cannot send this type.
  if (hasBody(headers) && !isJson(headers))
    return refused(415, "The content type of a body is application/json.");
  const asked = URL.canParse(url, anywhere) ? new URL(url, anywhere) : undefined;
  if (asked?.origin !== anywhere) return refused(400, "Not a path of this server.");
  if (isKnown(headers, options, asked.searchParams.get("token"))) return { kind: "allowed" };
  return refused(401, "Use the URL for clients that baleen serve printed, with its token.");
}

/** Refused where a page of another name was made to lead here (DNS rebinding). */
function decideHost(headers: AskedRequest["headers"], options: AccessOptions): Decision | undefined {
  const host = textOf(headers.host);
  if (isOwnHost(host, options)) return undefined;
  return refused(403, `This server is not ${JSON.stringify(host.slice(0, 100))}.`);
}

const isForeign = ({ origin, host }: AskedRequest["headers"]) =>
  origin !== undefined && origin !== `http://${textOf(host)}`;

/** Whether a header or the address shows the token, or none is needed. */
function isKnown(
  headers: AskedRequest["headers"],
  { token, port }: AccessOptions,
  inAddress: string | null = null,
): boolean {
  if (token === undefined) return true;
  const presented = [
    bearerOf(headers),
    cookieOf(textOf(headers.cookie), cookieName(port)),
    inAddress ?? undefined,
  ];
  return presented.some((one) => one !== undefined && isSame(one, token));
}

const bearerOf = ({ authorization }: AskedRequest["headers"]) =>
  /^Bearer (.+)$/i.exec(textOf(authorization))?.[1];

const isJson = (headers: AskedRequest["headers"]) =>
  /^application\/json\s*(;|$)/i.test(textOf(headers["content-type"]));

const cookieName = (port: number) => `baleen-${port}`;

const isPathOf = ({ url }: AskedRequest, path: string) => url === path || url.startsWith(`${path}?`);

const hasBody = (headers: AskedRequest["headers"]) =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;

function decideToken({ url, headers }: AskedRequest, options: AccessOptions): Decision {
  const { token, port } = options;
  const asked = URL.canParse(url, anywhere) ? new URL(url, anywhere) : undefined;
  if (asked === undefined || asked.origin !== anywhere) return refused(400, "Not a path of this server.");
  const given = asked.searchParams.get("token");
  if (token === undefined && given === null) return { kind: "allowed" };
  if (given !== null && (token === undefined || isSame(given, token))) {
    asked.searchParams.delete("token");
    // Scripts do not see it, and other sites' pages do not send it with what they ask.
    const cookie = `${cookieName(port)}=${token ?? ""}; Path=/; HttpOnly; SameSite=Lax`;
    return { kind: "signed-in", location: `${asked.pathname}${asked.search}`, cookie };
  }
  if (isKnown(headers, options)) return { kind: "allowed" };
  return refused(401, "Open the URL that baleen serve printed, with its token.");
}

const textOf = (value: string | string[] | undefined) => (typeof value === "string" ? value : "");

function cookieOf(header: string, name: string): string | undefined {
  const parts = header.split(";").map((part) => part.trim());
  return parts.find((part) => part.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** In the same time whatever is given. */
function isSame(given: string, token: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** An address, a name of loopback, or the name that it listens on; each with the port, if any. */
function isOwnHost(host: string, { listen, port, knownAs = [] }: AccessOptions): boolean {
  const [, bracketed, plain, given] = /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(host) ?? [];
  const name = (bracketed ?? plain ?? "").toLowerCase();
  // Where others reach it, a container's port may have another number outside.
  if (given !== undefined && Number(given) !== port && isPrivate(listen)) return false;
  const isIts = [listen, ...knownAs].some((own) => own.toLowerCase() === name);
  return isIP(name) !== 0 || isLoopback(name) || name.endsWith(".localhost") || isIts;
}

/** Whether nobody but this machine reaches what listens there. */
export const isPrivate = (listen: string) => isLoopback(listen);
