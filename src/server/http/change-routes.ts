import type { FastifyInstance } from "fastify";
import type { LinksAnswer, LinksChange } from "../dashboard/child.ts";
import type { BundleIndex } from "../feed/bundle-index.ts";
import { changesPath } from "./access.ts";
import { queryOf } from "./listen.ts";

/** What the pages beside a command may change. */
export interface LinkChanges {
  /** Whoever shows it may change links. */
  readonly key: string;
  readonly change: (change: LinksChange) => Promise<LinksAnswer>;
}

/** A hand on a slider asks five times a second. */
const requestsPerMinute = 600;
const bodyBytes = 4 * 1024;
/** Changes that the command has not answered. */
const mostWaiting = 8;

/** Takes an entry of a timeline, without its time, for the links of the run that goes on (POST). */
export function addChangeRoutes(
  app: FastifyInstance,
  { index, change }: { readonly index: BundleIndex } & Pick<LinkChanges, "change">,
): void {
  const config = { rateLimit: { max: requestsPerMinute, timeWindow: 60_000 } };
  let waiting = 0;
  app.post(changesPath, { config, bodyLimit: bodyBytes }, async (request, reply) => {
    const bundle = index.find(queryOf(request, "bundle"));
    if (bundle === undefined) return reply.code(404).send({ error: "There is no such bundle." });
    if (waiting >= mostWaiting) return reply.code(503).send({ error: "Busy. Try again in a moment." });
    waiting++;
    const answer = await change({ folder: bundle.folder, entry: request.body }).finally(() => waiting--);
    if ("refusal" in answer) return reply.code(409).send({ error: answer.refusal });
    return { at_secs: answer.atSecs };
  });
}
