/** The results server of tests of peers, as routes. */
import type { Readable } from "node:stream";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  type Refusal,
  refusalForm,
  type ServerStatus,
  serverStatusForm,
} from "../../contracts/peer-tests/api.ts";
import { type TestStatus, testStatusForm } from "../../contracts/peer-tests/results.ts";
import { type Misfit, tryForm } from "../../core/documents/check-form.ts";
import type { Form, Of } from "../../core/documents/form.ts";
import { writeForm } from "../../core/documents/write-form.ts";
import { BaleenError, describeError } from "../../core/errors.ts";
import { causedBy, PeerTestError } from "../peer-tests/peer-test-error.ts";
import type { PeerTests } from "../peer-tests/peer-tests.ts";
import { queryOf } from "./listen.ts";
import { testOpenApi } from "./test-openapi.ts";
import {
  refusalStatus,
  type TestFormName,
  type TestOperation,
  type TestOperationId,
  testForms,
  testOperations,
} from "./test-operations.ts";

/** Peers report every second or two, and there may be a thousand behind one address. */
const requestsPerMinute = 120_000;
/** A reader of results that takes nothing for so long has gone. */
const patienceMs = 60_000;
/** Ids are checked by us, so that too long ones are refused in our words. */
export const longestParameter = 16 * 1024;
const jsonType = "application/json; charset=utf-8";

export interface TestSources {
  readonly tests: PeerTests;
  readonly status: () => ServerStatus;
  /** Of this package. */
  readonly version: string;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/** Adds them in a scope of their own: their bodies and errors are not those of other routes. */
export function addTestRoutes(app: FastifyInstance, sources: TestSources): void {
  app.register((scope, _options, done) => {
    // Else a body that is empty, or no JSON, would be refused in other words.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, parsed) =>
      parsed(null, body),
    );
    scope.setErrorHandler(refuse);
    const config = { rateLimit: { max: requestsPerMinute, timeWindow: 60_000 } };
    const handlers = makeHandlers(sources);
    for (const id of Object.keys(testOperations) as TestOperationId[]) {
      const { method, path, body }: TestOperation = testOperations[id];
      const url = path.replaceAll(/\{(\w+)\}/g, ":$1");
      const handler = handlers[id];
      const bodyLimit = body?.mostBytes ?? 1024;
      scope.route({ method, url, config, bodyLimit, exposeHeadRoute: false, handler });
    }
    const document = testOpenApi(sources.version);
    scope.get("/test-api.json", { config }, () => document);
    // Answered before they come here; a route gives them the same limit.
    for (const url of ["/test", "/test/*"]) scope.options(url, { config }, async () => "");
    done();
  });
}

function makeHandlers({ tests, status }: TestSources): Readonly<Record<TestOperationId, Handler>> {
  let streams = 0;
  const create = async (request: FastifyRequest, id?: string) => {
    const { started = false } = readBody(request, "new-test");
    return published(await tests.create(id, started));
  };
  const stream = async (reply: FastifyReply, open: () => Promise<Readable>) => {
    const most = tests.limits.streams;
    if (streams >= most) {
      throw new PeerTestError("busy", `At most ${most} replies have data points at once. Ask again later.`);
    }
    streams++;
    try {
      const results = (await open()).once("close", () => streams--);
      reply.raw.setTimeout(patienceMs, () => reply.raw.destroy());
      return reply.type(jsonType).send(results);
    } catch (error) {
      streams--;
      throw error;
    }
  };
  return {
    getStatus: async () => writeForm(serverStatusForm, status()),
    createRandomTest: (request) => create(request),
    createTest: (request) => create(request, idsOf(request).testId),
    getTest: async (request, reply) => {
      const { testId } = idsOf(request);
      const wantsAll = wantsPoints(request, testOperations.getTest.dataPoints);
      return wantsAll ? stream(reply, () => tests.results(testId)) : published(await tests.status(testId));
    },
    getPeers: (request, reply) => stream(reply, () => tests.lastPoints(idsOf(request).testId)),
    startTest: async (request) => published(await tests.start(idsOf(request).testId)),
    finishTest: async (request, reply) => {
      const { testId } = idsOf(request);
      const wantsAll = wantsPoints(request, testOperations.finishTest.dataPoints);
      if (!wantsAll) return published(await tests.finish(testId));
      return stream(reply, async () => {
        await tests.finish(testId);
        return await tests.results(testId);
      });
    },
    addMetrics: async (request, reply) => {
      const { testId, peerId } = idsOf(request);
      const point = await tests.addPoint(testId, peerId, readBody(request, "metrics"));
      return reply.type(jsonType).send(point);
    },
    addResults: async (request, reply) => {
      const { testId, peerId } = idsOf(request);
      const results = await tests.addResults(testId, peerId, readBody(request, "peer-results-body"));
      return reply.type(jsonType).send(results);
    },
    addTopology: async (request) => {
      const topology = readBody(request, "topology-body");
      if (typeof topology !== "object" || topology === null) {
        throw misfit([{ place: "it", expected: "a JSON object or a list", isMissing: false }]);
      }
      return published(await tests.addTopology(idsOf(request).testId, topology));
    },
  };
}

const published = (status: TestStatus) => writeForm(testStatusForm, status);

function idsOf({ params }: FastifyRequest): { readonly testId: string; readonly peerId: string } {
  const { testId = "", peerId = "" } = params as Readonly<Record<string, string>>;
  return { testId, peerId };
}

function wantsPoints(request: FastifyRequest, usual: boolean): boolean {
  const given = queryOf(request, "dataPoints");
  if (given === "") return usual;
  if (given === "true" || given === "false") return given === "true";
  throw new PeerTestError("invalid-query", "dataPoints is true or false.");
}

/** The body of a form; one that may be absent and is counts as {}. */
function readBody<Name extends TestFormName>(
  { body }: FastifyRequest,
  name: Name,
): Of<(typeof testForms)[Name]> {
  const text = Buffer.isBuffer(body) ? body.toString("utf8") : "";
  const json = text === "" && name === "new-test" ? {} : parse(text);
  const found = tryForm(testForms[name] as unknown as Form<Of<(typeof testForms)[Name]>>, json);
  if ("value" in found) return found.value;
  throw misfit(found.misfits);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw causedBy(error, "invalid-body", `The body is not JSON: ${describeError(error)}.`);
  }
}

/** Places that are reported of one body. */
const mostFaults = 100;

function misfit(misfits: readonly Misfit[]): PeerTestError {
  const told = misfits.slice(0, mostFaults);
  const first = told.slice(0, 1).map((one) => `${one.place} ${reasonOf(one)}`);
  const rest = misfits.length === 1 ? "" : `, and ${misfits.length - 1} more faults`;
  const message = `The body is not of its form: ${first}${rest}. GET /test-api.json has the form.`;
  return new PeerTestError("invalid-body", message, { misfits: told });
}

const reasonOf = ({ expected, isMissing }: Misfit) => (isMissing ? "is missing" : `is not ${expected}`);

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const { statusCode, code } = error as { readonly statusCode?: unknown; readonly code?: unknown };
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const most = request.routeOptions.bodyLimit;
    return send(reply, "body-too-large", { error: `A body has at most ${most} bytes here.` });
  }
  if (error instanceof PeerTestError) {
    const { refusal, message, misfits } = error;
    const faults = misfits.map((one) => ({ place: one.place, message: reasonOf(one) }));
    return send(reply, refusal, { error: message, faults: faults.length === 0 ? undefined : faults });
  }
  const isTheirs = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  if (isTheirs) return reply.code(statusCode).send({ error: describeError(error) });
  const reason = error instanceof BaleenError ? error.message : "This could not be answered.";
  return reply.code(500).send({ error: reason });
}

const send = (
  reply: FastifyReply,
  status: Refusal,
  more: { readonly error: string; readonly faults?: { place: string; message: string }[] | undefined },
) => reply.code(refusalStatus[status]).send(writeForm(refusalForm, { status, ...more }));
