import { formatAuthority } from "../../../core/address.ts";
import { Pool, type PoolOptions } from "../pool/pool.ts";
import { type RequestForm, requestMaker } from "../pool/requests.ts";
import type { OpenTransport, Transport, TransportRequest } from "../transport.ts";
import { HttpConnection } from "./connection.ts";
import { answersSeveral } from "./pipelining.ts";
import { type Replies, SingleReplies } from "./replies.ts";

/** Requests on sockets of our own, made from a template, several under way on one connection where the plan says so. */
export const openHttpTransport: OpenTransport = (request) =>
  openHttpPool(request, {
    form: { open: "", separator: "", close: "", batchSize: 1 },
    replies: new SingleReplies(request.submission),
    oneOfEach: `each of at most ${request.connectionsOfOne} connections has one request under way`,
    waitsForOthers: false,
  });

interface HttpKind extends Pick<PoolOptions, "notes" | "waitsForOthers"> {
  readonly form: Omit<RequestForm, "head">;
  readonly replies: Replies;
  /** What follows where the node answers but one request of a connection. */
  readonly oneOfEach: string;
}

/** @throws InvalidArgumentError where transactions of this size cannot be made */
export function openHttpPool(
  request: TransportRequest,
  { form, replies, oneOfEach, ...kind }: HttpKind,
): Transport {
  const { batchSize } = form;
  const make = requestMaker(request, { ...form, head: (bytes, path) => requestHead(request, bytes, path) });
  const pipelining = { works: false };
  return new Pool(request, {
    ...kind,
    transactionsPerRequest: batchSize,
    oneOfEach: `The node at ${formatAuthority(request.rpc)} does not answer several requests of one connection; ${oneOfEach}.`,
    takesSeveral: async (signal) => {
      const both = await answersSeveral(request, signal);
      pipelining.works ||= both === true;
      return both !== false;
    },
    open: (events, places) =>
      new HttpConnection({ request, requests: make(places), places, batchSize, replies, pipelining }, events),
  });
}

/** The head of a request with a body of so many bytes. */
export function requestHead(
  { rpc, submission }: Pick<TransportRequest, "rpc" | "submission">,
  lengthBytes: number,
  path: string,
): Buffer {
  const { method = "POST" } = submission;
  const fields = Object.entries({
    host: formatAuthority(rpc),
    ...submission.headers,
    "content-length": String(lengthBytes),
  });
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
}
