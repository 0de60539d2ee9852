/** The HTTP servers of this package: what bounds them all, and where they listen. */
import { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, fastify } from "fastify";
import { formatAuthority } from "../../core/address.ts";
import { BaleenError, describeError, systemCode } from "../../core/errors.ts";
import { type AccessOptions, decideAccess } from "./access.ts";

export interface ListenOptions {
  /** The address or name that it listens on. */
  readonly listen: string;
  /** 0: a free one. */
  readonly port: number;
  /** What others call it, where that is a name. */
  readonly knownAs?: readonly string[] | undefined;
}

/** The server cannot listen where it was asked to; the message says why, and what to do. */
export class ListenError extends BaleenError {
  constructor(message: string, options?: { cause?: unknown }) {
    super("server-listen", message, options);
  }
}

/** @param mostConnections at once; further ones are closed */
export function createApp(
  mostConnections: number,
  routing: Pick<FastifyServerOptions, "routerOptions" | "rewriteUrl"> = {},
): FastifyInstance {
  const app = fastify({
    ...routing,
    forceCloseConnections: true,
    requestTimeout: 10_000,
    keepAliveTimeout: 5_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 2_000, maxHeaderSize: 16 * 1024 },
  });
  app.server.maxConnections = mostConnections;
  return app;
}

/** Refuses whatever is not for pages to ask. @param access is asked at each request, since the port comes later */
export function guardReading(app: FastifyInstance, access: () => AccessOptions): void {
  app.addHook("onRequest", async ({ raw: { method = "", url = "", headers } }, reply) => {
    const decision = decideAccess({ method, url, headers }, access());
    if (decision.kind !== "refused") return;
    return reply.code(decision.status).header("connection", "close").send({ error: decision.reason });
  });
}

/**
 * @returns the port that it listens on
 * @throws ListenError where it cannot
 */
export async function listenOn(app: FastifyInstance, { listen, port }: ListenOptions): Promise<number> {
  try {
    await app.listen({ host: listen, port });
  } catch (error) {
    const where = formatAuthority({ host: listen, port });
    const reasons: Readonly<Record<string, string>> = {
      EADDRINUSE: `another program listens there. Use another port: --port ${port + 1}, or --port 0 for a free one.`,
      EACCES: "ports below 1024 need more rights. Use a higher one.",
      EADDRNOTAVAIL: "it is no address of this machine.",
      ENOTFOUND: "it is no address of this machine.",
    };
    const reason = reasons[systemCode(error) ?? ""] ?? describeError(error);
    const message = `Cannot listen on ${where}: ${reason}`;
    throw new ListenError(message, { cause: error });
  }
  const address = app.server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/** One value of a name in the query; of several the first. */
export function queryOf({ query }: FastifyRequest, name: string): string {
  const value = (query as Readonly<Record<string, unknown>>)[name];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === "string" ? first : "";
}
