import { Buffer } from "node:buffer";

/** Where points are written, and as whom. */
export interface InfluxTarget {
  readonly origin: string;
  /** Of a write, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was given: it holds no secret. */
  readonly url: string;
}

/** Parameters of the two write interfaces that may be given; the others are ours, or secrets. */
const known: ReadonlySet<string> = new Set(["db", "rp", "consistency", "org", "orgID", "bucket"]);
const secrets: ReadonlySet<string> = new Set(["u", "p", "token"]);

const usual =
  "http://127.0.0.1:8086/?db=baleen (InfluxDB 1), or http://127.0.0.1:8086/?org=ORG&bucket=BUCKET (InfluxDB 2)";
const tokenName = "BALEEN_INFLUX_TOKEN";

/**
 * Reads the address of a database: `db` in its query means the write interface of InfluxDB 1, `bucket` that of version 2.
 *
 * @param token of version 2; of version 1 `user:password`
 * @returns what is wrong with it, and what to give
 */
export function parseInfluxTarget(
  text: string,
  token: string | undefined,
): { readonly target: InfluxTarget } | { readonly problem: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Not even a faulty one is repeated: it may hold a password.
  if (url === undefined || !/^https?:$/.test(url.protocol)) return { problem: `not a URL. Give ${usual}` };
  const query = [...url.searchParams.keys()];
  if (url.username !== "" || url.password !== "" || query.some((name) => secrets.has(name)))
    return { problem: `it contains credentials. Remove them, and set ${tokenName} instead` };
  const unknown = query.find((name) => !known.has(name));
  if (unknown !== undefined)
    return { problem: `unknown parameter ${JSON.stringify(unknown)}. Give ${usual}` };
  const isFirst = url.searchParams.has("db");
  if (isFirst === url.searchParams.has("bucket"))
    return { problem: `it needs either db or bucket. Give ${usual}` };
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    return { problem: `${tokenName} has characters that no token has` };
  const endpoint = isFirst ? "/write" : "/api/v2/write";
  const base = url.pathname.replace(/\/$/, "");
  const written = new URLSearchParams(url.searchParams);
  written.set("precision", "ms");
  return {
    target: {
      origin: url.origin,
      path: `${base.endsWith(endpoint) ? base : `${base}${endpoint}`}?${written}`,
      headers: {
        "content-type": "text/plain; charset=utf-8",
        ...(token === undefined ? {} : { authorization: authorizationOf(token, isFirst) }),
      },
      url: text,
    },
  };
}

/** Database of a results server's address that names none. */
const usualTestDatabase = "comms";

/** The address to which a results server relays, with the database that counts where it names none. */
export function withTestDatabase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.search !== "") return text;
  url.searchParams.set("db", usualTestDatabase);
  return url.href;
}

const authorizationOf = (token: string, isFirst: boolean) =>
  isFirst && token.includes(":") ? `Basic ${Buffer.from(token).toString("base64")}` : `Token ${token}`;
