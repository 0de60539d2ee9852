import type { OpenTransport } from "../transport.ts";

/** Transactions as messages over WebSocket, with frames of our own. */
export const openWebSocketTransport: OpenTransport = () => {
  throw new TypeError("not yet");
};
