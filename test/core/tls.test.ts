import { expect, test } from "vitest";
import { tlsOptions } from "../../src/core/tls.ts";
import { makeAuthority } from "../support/certificates.ts";

test("the same terms are read once, also where they came as JSON", () => {
  const [one, other] = [makeAuthority(), makeAuthority()];
  const options = { ca: [one.cert], serverName: "node0.test" };
  const { secureContext } = tlsOptions(options);
  expect(tlsOptions(JSON.parse(JSON.stringify(options))).secureContext).toBe(secureContext);
  expect(tlsOptions({ ca: [one.cert], serverName: "node1.test" })).toEqual({
    secureContext,
    servername: "node1.test",
  });
  expect(tlsOptions({ ca: [other.cert] }).secureContext).not.toBe(secureContext);
});
