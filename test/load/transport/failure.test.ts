import { expect, test } from "vitest";
import { connectFailure, sendFailure } from "../../../src/load/transport/failure.ts";

test.each(["EADDRNOTAVAIL", "EMFILE", "ENFILE", "ENOBUFS"])(
  "%s is this machine's own doing, whichever way was taken",
  (code) => {
    expect(connectFailure(code)).toEqual({ kind: "unsent", code });
    expect(sendFailure(Object.assign(new Error("x"), { code }))).toEqual({ kind: "unsent", code });
  },
);

test("what breaks a connection that stood may have reached the node", () => {
  const error = Object.assign(new Error("x"), { code: "ECONNRESET" });
  expect(sendFailure(error)).toEqual({ kind: "broken", code: "ECONNRESET" });
  expect(connectFailure("ECONNRESET")).toEqual({ kind: "unreachable", code: "ECONNRESET" });
});
