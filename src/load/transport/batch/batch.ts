import type { ByteRange } from "../../../contracts/load/commits.ts";
import type { BatchSubmission, Submission } from "../../../contracts/load/submission.ts";
import { BytePattern } from "../../../core/byte-pattern.ts";
import { InvalidArgumentError } from "../../../core/errors.ts";
import { openHttpPool } from "../http/http-transport.ts";
import { type Replies, sampledEvery, type WholeReply } from "../http/replies.ts";
import { type Awaited, ended } from "../pool/awaited.ts";
import type { ConnectionEvents } from "../pool/pooled-socket.ts";
import { encoderOf, type OpenTransport, type SendFailure, type TransportRequest } from "../transport.ts";

const missing: SendFailure = { kind: "broken", code: "BATCH_REPLY_MISSING" };

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
    throw new InvalidArgumentError("The protocol's nodes do not accept batches; choose another transport.");
  }
  const batchSize = largestBatch(request, batch);
  const smaller = `A request contains ${batchSize} transactions of ${transactionSizeBytes} bytes, not ${plan.batchSize}: nodes accept bodies of up to ${batch.largestBodyBytes} bytes.`;
  return openHttpPool(request, {
    form: { ...batch, batchSize },
    replies: new BatchReplies(batch, submission),
    notes: batchSize < plan.batchSize ? [smaller] : [],
    oneOfEach: "each connection has one request in flight",
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

/** Takes replies to batches apart, and ends their transactions, each once. */
class BatchReplies implements Replies {
  /** A reply has about 200 bytes for each transaction. */
  readonly largestBytes = 8 * 2 ** 20;
  readonly #batch: BatchSubmission;
  readonly #isUsualAcceptance: Submission["isUsualAcceptance"];
  readonly #range: { -readonly [K in keyof ByteRange]: number } = { start: 0, end: 0 };
  readonly #open: BytePattern;
  readonly #separator: BytePattern;
  readonly #close: BytePattern;
  #untilSample = sampledEvery;

  constructor(batch: BatchSubmission, { isUsualAcceptance }: Submission) {
    this.#batch = batch;
    this.#isUsualAcceptance = isUsualAcceptance;
    this.#open = new BytePattern(Buffer.from(batch.open));
    this.#separator = new BytePattern(Buffer.from(batch.separator));
    this.#close = new BytePattern(Buffer.from(batch.close));
  }

  take(reply: WholeReply, awaited: Awaited, events: ConnectionEvents): void {
    const { from, to, nowMs } = reply;
    if (--this.#untilSample > 0 && this.#isUsual(reply, awaited)) {
      for (let place = from; place < to; place++) {
        const sequence = awaited.at(place);
        awaited.end(place);
        events.acknowledged(sequence, nowMs);
      }
      return;
    }
    this.#untilSample = sampledEvery;
    this.#takeAny(reply, awaited, events);
  }

  /** Parts of equal length, in the order of the requests, each the usual acceptance. */
  #isUsual(reply: WholeReply, awaited: Awaited): boolean {
    const { status, bytes, from, to } = reply;
    if (this.#isUsualAcceptance === undefined || status !== 200) return false;
    const [open, separator, close] = [this.#open, this.#separator, this.#close];
    const count = to - from;
    const partsBytes = reply.end - reply.start - open.length - close.length - (count - 1) * separator.length;
    const partBytes = Math.floor(partsBytes / count);
    if (partBytes <= 0 || partBytes * count !== partsBytes) return false;
    if (!open.standsIn(bytes, reply.start) || !close.standsIn(bytes, reply.end - close.length)) return false;
    for (let index = 0; index < count; index++) {
      const start = reply.start + open.length + index * (partBytes + separator.length);
      const sequence = awaited.at(from + index);
      if (sequence === ended || (index > 0 && !separator.standsIn(bytes, start - separator.length)))
        return false;
      this.#range.start = start;
      this.#range.end = start + partBytes;
      if (!this.#isUsualAcceptance(bytes, this.#range, sequence)) return false;
    }
    return true;
  }

  #takeAny(reply: WholeReply, awaited: Awaited, events: ConnectionEvents): void {
    const { status, bytes, from, to, nowMs } = reply;
    const answer = this.#batch.split(status, bytes.toString("utf8", reply.start, reply.end));
    /** What cannot be told apart: refusals that name no transaction. They stand for those that have no other reply. */
    const nameless: string[] = [];
    for (const { id, reply: own } of answer.kind === "each" ? answer.replies : []) {
      const place = id === undefined ? -1 : awaited.find(id, from, to);
      if (place < 0) {
        if (id === undefined && !own.accepted) nameless.push(own.reason);
        else events.stray("reply to no request");
        continue;
      }
      const sequence = awaited.at(place);
      awaited.end(place);
      if (own.accepted) events.acknowledged(sequence, nowMs);
      else events.missed(sequence, { kind: "rejected", reason: own.reason }, nowMs);
    }
    for (let place = from; place < to; place++) {
      const sequence = awaited.at(place);
      if (sequence === ended) continue;
      awaited.end(place);
      const reason = answer.kind === "refused" ? answer.reason : nameless.shift();
      events.missed(sequence, reason === undefined ? missing : { kind: "rejected", reason }, nowMs);
    }
    for (const _ of nameless) events.stray("reply to no request");
  }
}
