/** Paths of the results server, and who may read what they answer. Pure. */

interface PageRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: { readonly origin?: string | string[] | undefined };
}

const others: ReadonlySet<string> = new Set(["/status", "/test-api.json"]);

/** Whether an address, with or without its query, is one of tests. */
export function isTestPath(url: string): boolean {
  const [path = ""] = url.split(/[?#]/);
  return path === "/test" || path.startsWith("/test/") || others.has(path);
}

const tokenPath = /^\/token\/([\w.~-]{16,200})(\/.*)$/;

/** Where clients that append paths to an address find the tests. */
export const clientUrl = (origin: string, token: string | undefined) =>
  token === undefined ? origin : `${origin}/token/${token}`;

/** "/token/TOKEN/test/x" is "/test/x?token=TOKEN"; any other address is itself. */
export function withTokenInQuery(url: string): string {
  const [, token, path = ""] = tokenPath.exec(url) ?? [];
  if (token === undefined || !isTestPath(path)) return url;
  return `${path}${path.includes("?") ? "&" : "?"}token=${token}`;
}

/** A browser asks that often whether it may ask, for each address. */
const preflightSecs = 600;

/**
 * What lets pages of clients read replies, refusals included; empty for other requests.
 *
 * @param clientOrigins absent: there are no tests
 */
export function crossOriginHeaders(
  { method, url, headers }: PageRequest,
  clientOrigins: readonly string[] | undefined,
): Readonly<Record<string, string>> {
  if (clientOrigins === undefined || !isTestPath(url)) return {};
  const { origin } = headers;
  const vary = { vary: "origin" };
  if (typeof origin !== "string" || !clientOrigins.includes(origin)) return vary;
  const allowed = { ...vary, "access-control-allow-origin": origin };
  if (method !== "OPTIONS") return allowed;
  return {
    ...allowed,
    "access-control-allow-methods": "GET, POST, PUT",
    "access-control-allow-headers": "authorization, content-type",
    "access-control-max-age": String(preflightSecs),
  };
}
