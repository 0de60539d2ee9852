import type { ByteRange } from "../../../contracts/load/commits.ts";
import type { Submission } from "../../../contracts/load/submission.ts";
import { type Awaited, ended } from "../pool/awaited.ts";
import type { ConnectionEvents } from "../pool/pooled-socket.ts";

/** Of so many replies that look usual one is read in full all the same: an error can look much the same. */
export const sampledEvery = 1024;

/** A whole reply, whose body is the range, and the places of the transactions that it answers: `from` up to and without `to`. */
export interface WholeReply extends ByteRange {
  readonly status: number;
  /** Gone when it was taken. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  readonly nowMs: number;
}

/** Takes the replies to one kind of requests, and ends their transactions, each once. */
export interface Replies {
  /** Longer ones come from no node. */
  readonly largestBytes: number;
  readonly take: (reply: WholeReply, awaited: Awaited, events: ConnectionEvents) => void;
}

/** Replies to requests with one transaction each. */
export class SingleReplies implements Replies {
  readonly largestBytes = 4 * 2 ** 20;
  readonly #submission: Submission;
  #usualStatus = 0;
  #untilSample = sampledEvery;

  constructor(submission: Submission) {
    this.#submission = submission;
  }

  take(reply: WholeReply, awaited: Awaited, events: ConnectionEvents): void {
    const { status, bytes, from, nowMs } = reply;
    const sequence = awaited.at(from);
    // Nobody waits for it any more.
    if (sequence === ended) return;
    awaited.end(from);
    const submission = this.#submission;
    if (
      status === this.#usualStatus &&
      --this.#untilSample > 0 &&
      submission.isUsualAcceptance?.(bytes, reply, sequence) === true
    ) {
      events.acknowledged(sequence, nowMs);
      return;
    }
    this.#untilSample = sampledEvery;
    const answer = submission.classify(status, bytes.toString("utf8", reply.start, reply.end), sequence);
    if (answer.accepted) {
      this.#usualStatus = status;
      events.acknowledged(sequence, nowMs);
    } else events.missed(sequence, { kind: "rejected", reason: answer.reason }, nowMs);
  }
}
