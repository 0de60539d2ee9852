import { InvalidArgumentError } from "../../../core/errors.ts";
import { Pool } from "../pool/pool.ts";
import { type RequestForm, requestMaker } from "../pool/requests.ts";
import type { OpenTransport } from "../transport.ts";
import { WebSocketConnection } from "./connection.ts";
import { frameHead, opcodes } from "./frames.ts";

/** One transaction in a text frame. */
export const messageForm: RequestForm = {
  head: (bodyBytes) => frameHead(opcodes.text, bodyBytes),
  open: "",
  separator: "",
  close: "",
  batchSize: 1,
};

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
  const make = requestMaker(request, messageForm);
  return new Pool(request, {
    transactionsPerRequest: 1,
    waitsForOthers: true,
    open: (events, places) =>
      new WebSocketConnection({ request, submission, requests: make(places), places, batchSize: 1 }, events),
  });
};
