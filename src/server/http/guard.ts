/** What holds for every request to the server of runs and tests, whatever it asks for. */
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance } from "fastify";
import { BaleenError, describeError } from "../../core/errors.ts";
import { type AccessOptions, decideAccess } from "./access.ts";
import { crossOriginHeaders } from "./test-paths.ts";

const requestsPerMinute = 1200;

export const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
} as const;

/** Bounds, headers, access, and how errors are told. @param access is asked at each request, since the port comes later */
export async function guard(app: FastifyInstance, access: () => AccessOptions): Promise<void> {
  app.addHook("onRequest", async ({ raw }, reply) => {
    const { method = "", url = "", headers } = raw;
    reply.headers({
      ...securityHeaders,
      ...crossOriginHeaders({ method, url, headers }, access().clientOrigins),
    });
  });
  await app.register(rateLimit, { max: requestsPerMinute, timeWindow: 60_000 });
  // Behind the count of requests, before anything of a body is read.
  app.addHook("preParsing", async ({ raw }, reply) => {
    const { method = "", url = "", headers } = raw;
    const decision = decideAccess({ method, url, headers }, access());
    if (decision.kind === "allowed") return;
    if (decision.kind === "preflight") return reply.code(204).send();
    if (decision.kind === "signed-in") {
      return reply.header("set-cookie", decision.cookie).redirect(decision.location, 303);
    }
    const { status, reason } = decision;
    // Whatever else the request holds is not read.
    reply.raw.once("finish", () => raw.socket.destroySoon());
    return reply.code(status).header("connection", "close").send({ error: reason });
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, (_request, reply) =>
    reply.code(404).send({ error: "There is no such page." }),
  );
  app.setErrorHandler((error: unknown, _request, reply) => {
    const status = (error as { statusCode?: unknown }).statusCode;
    const isTheirs = typeof status === "number" && status >= 400 && status < 500;
    const isOurs = error instanceof BaleenError;
    const message = isTheirs || isOurs ? describeError(error) : "This could not be answered.";
    return reply.code(isTheirs ? status : isOurs ? 422 : 500).send({ error: message });
  });
}
