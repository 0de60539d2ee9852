/** Who may ask the server, and how that is found out. Pure. */
import { createHash, timingSafeEqual } from "node:crypto";
import { isIP } from "node:net";
import { isLoopback } from "../../core/address.ts";

export interface AccessOptions {
  /** The address or name that it listens on. */
  readonly listen: string;
  readonly port: number;
  /** Absent: everybody on this machine may ask. */
  readonly token?: string | undefined;
  /** Whether events may be pushed. Default: no. */
  readonly receivesEvents?: boolean | undefined;
}

/** What of a request decides. */
export interface AskedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Allowed; sent on, with a cookie, to the address without its token; or refused. */
export type Decision =
  | { readonly kind: "allowed" }
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

/** A path of this server, so that nobody is sent elsewhere. */
const anywhere = "http://baleen.invalid";

/** Whether a request may be answered. */
export function decideAccess(request: AskedRequest, options: AccessOptions): Decision {
  const { method, headers } = request;
  const isPush = method === "POST" && options.receivesEvents === true && isPathOf(request, eventsPath);
  if (method !== "GET" && method !== "HEAD" && !isPush) return refused(405, "Only GET is allowed.");
  // Forms of other sites' pages cannot send this type.
  if (isPush && textOf(headers["content-type"]) !== eventsType) {
    return refused(415, `The content type of events is ${eventsType}.`);
  }
  if (!isPush && hasBody(headers)) return refused(413, "No request has a body here.");
  const host = textOf(headers.host);
  // A page of another name that was made to lead here must not be answered (DNS rebinding).
  if (!isOwnHost(host, options))
    return refused(403, `This server is not ${JSON.stringify(host.slice(0, 100))}.`);
  const origin = headers.origin;
  if (origin !== undefined && origin !== `http://${host}`)
    return refused(403, "Another site's page may not ask.");
  return decideToken(request, options);
}

const isPathOf = ({ url }: AskedRequest, path: string) => url === path || url.startsWith(`${path}?`);

const hasBody = (headers: AskedRequest["headers"]) =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;

function decideToken({ url, headers }: AskedRequest, { token, port }: AccessOptions): Decision {
  const asked = URL.canParse(url, anywhere) ? new URL(url, anywhere) : undefined;
  if (asked === undefined || asked.origin !== anywhere) return refused(400, "Not a path of this server.");
  const given = asked.searchParams.get("token");
  if (token === undefined && given === null) return { kind: "allowed" };
  const name = `baleen-${port}`;
  if (given !== null && (token === undefined || isSame(given, token))) {
    asked.searchParams.delete("token");
    // Scripts do not see it, and other sites' pages do not send it with what they ask.
    const cookie = `${name}=${token ?? ""}; Path=/; HttpOnly; SameSite=Lax`;
    return { kind: "signed-in", location: `${asked.pathname}${asked.search}`, cookie };
  }
  const [, bearer] = /^Bearer (.+)$/i.exec(textOf(headers.authorization)) ?? [];
  const presented = [bearer, cookieOf(textOf(headers.cookie), name)].filter((one) => one !== undefined);
  if (token !== undefined && presented.some((one) => isSame(one, token))) return { kind: "allowed" };
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
function isOwnHost(host: string, { listen, port }: AccessOptions): boolean {
  const [, bracketed, plain, given] = /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/i.exec(host) ?? [];
  const name = (bracketed ?? plain ?? "").toLowerCase();
  if (given !== undefined && Number(given) !== port) return false;
  return isIP(name) !== 0 || isLoopback(name) || name.endsWith(".localhost") || name === listen.toLowerCase();
}

/** Whether nobody but this machine reaches what listens there. */
export const isPrivate = (listen: string) => isLoopback(listen);
