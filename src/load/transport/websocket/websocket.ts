import { InvalidArgumentError } from "../../../core/errors.ts";
import { Pool } from "../pool/pool.ts";
import type { OpenTransport } from "../transport.ts";
import { WebSocketConnection } from "./connection.ts";
import { messageMaker } from "./messages.ts";

/**
 * Transactions as messages over WebSocket, with frames of our own: what is due together on a connection is one write,
 * and what differs from one message to the next is all that is written anew.
 *
 * @throws InvalidArgumentError where the protocol's nodes take no transactions this way
 */
export const openWebSocketTransport: OpenTransport = (request) => {
  const submission = request.submission.webSocket;
  if (submission === undefined) {
    throw new InvalidArgumentError(
      "The protocol's nodes take no transactions over WebSocket; choose another transport.",
    );
  }
  const makeMessages = messageMaker(request);
  const { inFlightPerConnection } = request.plan;
  return new Pool(request, {
    requestsPerConnection: inFlightPerConnection,
    transactionsPerRequest: 1,
    prepare: async () => [],
    open: (events) => {
      const messages = makeMessages(inFlightPerConnection);
      return new WebSocketConnection({ request, submission, messages }, events);
    },
  });
};
