import { InvalidArgumentError } from "../../../core/errors.ts";
import { Pool } from "../pool/pool.ts";
import type { OpenTransport } from "../transport.ts";
import { BatchConnection } from "./connection.ts";
import { BatchReplies } from "./replies.ts";
import { requestMaker } from "./requests.ts";

/**
 * Transactions over HTTP, up to the plan's batch size of those that are due together in one request. None waits for a
 * batch to fill.
 *
 * @throws InvalidArgumentError where the protocol's nodes take no batches
 */
export const openBatchTransport: OpenTransport = (request) => {
  const { submission, plan } = request;
  const { batch } = submission;
  if (batch === undefined) {
    throw new InvalidArgumentError("The protocol's nodes take no batches; choose another transport.");
  }
  const { batchSize, make } = requestMaker(request, batch);
  const replies = new BatchReplies(batch, submission);
  const note = `A request holds ${batchSize} transactions of ${request.transactionSizeBytes} bytes, not ${plan.batchSize}: nodes take bodies of up to ${batch.largestBodyBytes} bytes.`;
  return new Pool(request, {
    requestsPerConnection: plan.inFlightPerConnection,
    transactionsPerRequest: batchSize,
    notes: batchSize < plan.batchSize ? [note] : [],
    open: (events) => {
      const requests = make(plan.inFlightPerConnection);
      return new BatchConnection({ request, requests, replies, batchSize }, events);
    },
  });
};
