import type { OpenTransport } from "../transport.ts";

/** Transactions over HTTP, several that are due together in one request. */
export const openBatchTransport: OpenTransport = () => {
  throw new TypeError("not yet");
};
