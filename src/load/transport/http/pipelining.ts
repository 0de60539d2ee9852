import type { Submission } from "../../../contracts/load/submission.ts";
import { formatAuthority } from "../../../core/address.ts";
import { untilAborted } from "../../../core/async.ts";
import { openSocket } from "../socket.ts";
import type { TransportRequest } from "../transport.ts";
import { ReplyParser } from "./reply-parser.ts";

/** Longest wait for both replies. */
const longestWaitMs = 2000;

/**
 * Asks for something harmless twice at once, on a connection of its own.
 *
 * @returns true: both were answered; false: the node made an end of the connection after the first; undefined: neither
 *   was answered, or the second not in time, which says nothing of pipelining
 */
export async function answersSeveral(
  {
    rpc,
    connectTimeoutMs,
    submission,
  }: Pick<TransportRequest, "rpc" | "connectTimeoutMs"> & {
    readonly submission: Pick<Submission, "path">;
  },
  ending: AbortSignal,
  timeoutMs = longestWaitMs,
): Promise<boolean | undefined> {
  const signal = AbortSignal.any([ending, AbortSignal.timeout(timeoutMs)]);
  const { promise, resolve } = Promise.withResolvers<boolean | undefined>();
  const request = `GET ${submission.path} HTTP/1.1\r\nhost: ${formatAuthority(rpc)}\r\n\r\n`;
  const buffer = Buffer.alloc(64 * 1024);
  let replies = 0;
  const finish = () => resolve(replies === 0 ? undefined : replies === 2);
  const parser = new ReplyParser(
    { awaited: () => 2 - replies, onReply: () => replies++ },
    { headBytes: 64 * 1024, bodyBytes: 4 * 1024 * 1024 },
  );
  const socket = openSocket(
    { rpc, connectTimeoutMs, readInto: buffer },
    {
      opened: () => socket.write(request + request),
      read: (lengthBytes) => {
        const fault = parser.push(buffer, lengthBytes);
        if (fault !== undefined || parser.closing || replies === 2) finish();
      },
      ended: () => {
        parser.end();
        finish();
      },
    },
  );
  try {
    return await untilAborted(promise, signal);
  } catch {
    return undefined;
  } finally {
    socket.destroy();
  }
}
