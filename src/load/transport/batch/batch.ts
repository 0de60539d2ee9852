import type { BatchSubmission } from "../../../contracts/load/submission.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { openHttpPool } from "../http/http-transport.ts";
import { encoderOf, type OpenTransport, type TransportRequest } from "../transport.ts";
import { BatchReplies } from "./replies.ts";

/**
 * Transactions over HTTP, up to the plan's batch size of those that are due together in one request. None waits for a
 * batch to fill.
 *
 * @throws InvalidArgumentError where the protocol's nodes take no batches
 */
export const openBatchTransport: OpenTransport = (request) => {
  const { submission, plan, transactionSizeBytes } = request;
  const { batch } = submission;
  if (batch === undefined) {
    throw new InvalidArgumentError("The protocol's nodes take no batches; choose another transport.");
  }
  const batchSize = largestBatch(request, batch);
  const smaller = `A request holds ${batchSize} transactions of ${transactionSizeBytes} bytes, not ${plan.batchSize}: nodes take bodies of up to ${batch.largestBodyBytes} bytes.`;
  return openHttpPool(request, {
    form: { ...batch, batchSize },
    replies: new BatchReplies(batch, submission),
    notes: batchSize < plan.batchSize ? [smaller] : [],
    oneOfEach: "each connection has one request under way",
    waitsForOthers: true,
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
