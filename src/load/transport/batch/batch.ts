import type { BatchSubmission } from "../../../contracts/load/submission.ts";
import { formatAuthority } from "../../../core/address.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { answersSeveral } from "../http/pipelining.ts";
import { requestHead } from "../http/request-template.ts";
import { Pool } from "../pool/pool.ts";
import { requestMaker } from "../pool/requests.ts";
import { encoderOf, type OpenTransport, type TransportRequest } from "../transport.ts";
import { BatchConnection } from "./connection.ts";
import { BatchReplies } from "./replies.ts";

/**
 * Transactions over HTTP, up to the plan's batch size of those that are due together in one request. None waits for a
 * batch to fill.
 *
 * @throws InvalidArgumentError where the protocol's nodes take no batches
 */
export const openBatchTransport: OpenTransport = (request) => {
  const { submission, plan, rpc, transactionSizeBytes } = request;
  const { batch } = submission;
  if (batch === undefined) {
    throw new InvalidArgumentError("The protocol's nodes take no batches; choose another transport.");
  }
  const batchSize = largestBatch(request, batch);
  const head = (bodyBytes: number) => requestHead(request, submission.path, bodyBytes);
  const make = requestMaker(request, { ...batch, head, batchSize });
  const replies = new BatchReplies(batch, submission);
  const places = { requests: plan.inFlightPerConnection };
  return new Pool(request, {
    get requestsPerConnection() {
      return places.requests;
    },
    transactionsPerRequest: batchSize,
    prepare: async (signal) => {
      const notes: string[] = [];
      if (batchSize < plan.batchSize) {
        notes.push(
          `A request holds ${batchSize} transactions of ${transactionSizeBytes} bytes, not ${plan.batchSize}: nodes take bodies of up to ${batch.largestBodyBytes} bytes.`,
        );
      }
      if (places.requests > 1 && (await answersSeveral(request, signal)) === false) {
        places.requests = 1;
        notes.push(
          `The node at ${formatAuthority(rpc)} does not answer several requests of one connection; each connection has one request under way.`,
        );
      }
      return notes;
    },
    open: (events) =>
      new BatchConnection({ request, requests: make(places.requests), replies, batchSize, places }, events),
  });
};

/** Most transactions in one request: as asked, or as many as a body may hold. */
function largestBatch(request: TransportRequest, batch: BatchSubmission): number {
  const { submission, plan } = request;
  const first = encoderOf(request)(0);
  const partBytes = submission.template?.(first).bytes.length ?? Buffer.byteLength(submission.body(first, 0));
  const betweenBytes = batch.separator.length;
  const freeBytes = batch.largestBodyBytes - batch.open.length - batch.close.length + betweenBytes;
  return Math.max(1, Math.min(plan.batchSize, Math.floor(freeBytes / (partBytes + betweenBytes))));
}
