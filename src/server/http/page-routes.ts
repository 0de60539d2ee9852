import type { FastifyInstance } from "fastify";
import type { Asset } from "./assets.ts";

/** Addresses of pages: each is the same document, whose script shows what the address says. */
const pages = ["/", "/run", "/compare"];

/** Pages, and what they are made of. */
export function addPageRoutes(app: FastifyInstance, assets: ReadonlyMap<string, Asset>): void {
  const serve = (url: string, { type, content }: Asset) =>
    app.get(url, (_request, reply) => reply.type(type).header("cache-control", "no-cache").send(content));
  for (const [path, asset] of assets) serve(`/assets/${path}`, asset);
  const page = assets.get("server/browser/page.html");
  if (page !== undefined) for (const url of pages) serve(url, page);
}
