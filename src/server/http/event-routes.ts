import type { FastifyInstance } from "fastify";
import { type ReceivedEvents, receivedLimits } from "../feed/received-events.ts";
import { eventsPath, eventsType } from "./access.ts";
import { queryOf } from "./listen.ts";

/** Programs push more often than people open pages. */
const requestsPerMinute = 120_000;

/** Takes events (POST), and gives them back (GET), as streams of JSON lines. */
export function addEventRoutes(app: FastifyInstance, events: ReceivedEvents): void {
  const config = { rateLimit: { max: requestsPerMinute, timeWindow: 60_000 } };
  const bodyLimit = receivedLimits.requestBytes;
  app.addContentTypeParser(eventsType, { parseAs: "buffer", bodyLimit }, (_request, body, done) =>
    done(null, body),
  );

  app.post(eventsPath, { config, bodyLimit }, async (request, reply) => {
    const at = queryOf(request, "at");
    const known = at === "" ? undefined : byteOf(at);
    if (Number.isNaN(known)) return reply.code(400).send({ error: "at: it is not a number of bytes." });
    const lines = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const { bytes, taken } = events.append(queryOf(request, "stream"), known, lines);
    return reply.code(taken ? 200 : 409).send({ bytes });
  });

  app.get(eventsPath, { config, exposeHeadRoute: false }, async (request, reply) => {
    const stream = queryOf(request, "stream");
    if (stream === "") return { streams: events.streams };
    const from = byteOf(queryOf(request, "from") || "0");
    if (Number.isNaN(from)) return reply.code(400).send({ error: "from: it is not a number of bytes." });
    const lines = events.read(stream, from);
    if (lines === undefined) return reply.code(404).send({ error: "There is no such stream." });
    return reply.type(eventsType).send(lines);
  });
}

const byteOf = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN);
