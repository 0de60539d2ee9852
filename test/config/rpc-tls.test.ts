import { expect, test } from "vitest";
import { checkParameters, givenFrom } from "../../src/config/check.ts";
import { mysticeti } from "../../src/protocol/mysticeti.ts";

const check = (values: Record<string, unknown>) => checkParameters(givenFrom(values), mysticeti);

test("the nodes' RPC is in the clear unless TLS is asked for, with the system's authorities or with others too", () => {
  expect(check({}).parameters.rpcTls).toBeUndefined();
  expect(check({ rpcTls: false }).parameters.rpcTls).toBeUndefined();
  expect(check({ rpcTls: true }).parameters.rpcTls).toEqual({});
  expect(check({ rpcTls: true, rpcCa: "/ca.pem" })).toMatchObject({
    parameters: { rpcTls: { caFile: "/ca.pem" } },
    faults: [],
  });
});

test("authorities without TLS are a contradiction", () => {
  expect(check({ rpcCa: "/ca.pem" }).faults).toEqual([
    {
      code: "contradiction",
      message: "rpcCa: certificates are looked at over TLS alone. Add --rpc-tls, or leave it out.",
    },
  ]);
});
