import type { OpenTransport } from "../transport.ts";

/** Requests on sockets of our own, made from a template, several under way on one connection where the plan says so. */
export const openHttpTransport: OpenTransport = () => {
  throw new TypeError("not made yet");
};
