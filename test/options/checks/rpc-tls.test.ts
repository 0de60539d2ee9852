import { expect, test } from "vitest";
import { checkParameters, givenFrom } from "../../../src/options/checks/check.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";

const check = (values: Record<string, unknown>) => checkParameters(givenFrom(values), mysticeti);

test("the nodes' RPC is in the clear unless TLS is asked for, with the system's authorities or with others too", () => {
  expect(check({}).parameters.rpcTls).toBeUndefined();
  expect(check({ rpcTls: false }).parameters.rpcTls).toBeUndefined();
  expect(check({ rpcTls: true }).parameters.rpcTls).toEqual({});
  expect(check({ rpcTls: true, rpcCa: "/ca.pem" })).toMatchObject({
    parameters: { rpcTls: { caFile: "/ca.pem" } },
    diagnostics: [],
  });
});

test("clients on hosts, which speak to the nodes without TLS, are refused with it", () => {
  for (const clientPlacement of ["colocated", "dedicated"]) {
    const { diagnostics } = check({ networkType: "remote", rpcTls: true, clientPlacement });
    expect(diagnostics).toContainEqual({
      code: "contradiction",
      message:
        "rpcTls: clients on hosts reach the nodes' RPC without TLS, so their traffic would be unencrypted. Remove it, or use --client-placement coordinator.",
    });
  }
  const { diagnostics } = check({ networkType: "remote", rpcTls: true });
  expect(diagnostics.map(({ message }) => message).join()).not.toContain("rpcTls");
});

test("authorities without TLS are a contradiction", () => {
  expect(check({ rpcCa: "/ca.pem" }).diagnostics).toEqual([
    {
      code: "contradiction",
      message: "rpcCa: requires --rpc-tls. Add it, or remove this option.",
    },
  ]);
});
