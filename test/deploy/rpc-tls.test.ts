import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openCommandBackend } from "../../src/cli/terminal/command-backend.ts";
import type { Deployer, Network } from "../../src/contracts/deployment.ts";
import type { SweepParameters } from "../../src/contracts/parameters.ts";
import { plainRpcDiagnostics, secureRpc } from "../../src/deploy/rpc-tls.ts";
import { defaultParameters } from "../../src/options/defaults.ts";
import { makeAuthority } from "../support/certificates.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

const network: Pick<Network, "endpoint"> = {
  endpoint: (_node, _seenBy, plane) => ({ host: plane, port: 1 }),
};
const deployer: Pick<Deployer, "deploy"> = { deploy: async () => network as Network };
const chosen = { deployer: deployer as Deployer, diagnostics: [] };

test("a network is left as it is where nothing is said of TLS", () => {
  expect(secureRpc(chosen, {})).toBe(chosen);
});

test("the RPC that this machine sees is over TLS, and no other plane, and not what nodes see", async () => {
  await using folder = await openTemporaryFolder();
  const caFile = join(folder.path, "ca.pem");
  const certificates = [makeAuthority().cert, makeAuthority().cert].map((cert) => cert.trim());
  await writeFile(caFile, `Two authorities\n${certificates.join("\n# and\n")}\n`);
  const secured = secureRpc(chosen, { rpcTls: { caFile } });
  expect(secured.diagnostics).toEqual([]);
  const deployed = await secured.deployer?.deploy({} as never, {} as never);
  const tls = { ca: certificates };
  expect(deployed?.endpoint("node0", "coordinator", "rpc")).toEqual({ host: "rpc", port: 1, tls });
  expect(deployed?.endpoint("node0", "coordinator", "metrics")).toEqual({ host: "metrics", port: 1 });
  expect(deployed?.endpoint("node0", { node: "node1" }, "rpc")).toEqual({ host: "rpc", port: 1 });
});

test("nodes that run as processes have no TLS before them, so that it is refused", async () => {
  const diagnosticsOf = async (change: Partial<SweepParameters>) => {
    const parameters: SweepParameters = {
      ...defaultParameters,
      loadsTps: [1],
      runtime: "process",
      ...change,
    };
    const occasion = { run: "r1", warn: () => {} };
    const { signal } = new AbortController();
    return (await openCommandBackend({}).chooseDeployer(parameters, occasion, signal)).diagnostics;
  };
  expect(await diagnosticsOf({})).toEqual([]);
  expect(await diagnosticsOf({ rpcTls: {} })).toEqual([
    { code: "rpc-tls", message: expect.stringMatching(/^--rpc-tls: .* processes, .* speak HTTP .*\.$/) },
  ]);
});

test("a compose file of one's own may have a proxy before the nodes, and the packaged one has none", () => {
  expect(plainRpcDiagnostics({ rpcTls: {} }, "my.yml")).toEqual([]);
  expect(plainRpcDiagnostics({ rpcTls: {} }, undefined)).toHaveLength(1);
});

describe("a file of authorities is refused", () => {
  test.each([
    ["that is not there", undefined, /^--rpc-ca .*ca\.pem: ENOENT.*Name a PEM file with CA certificates\.$/],
    ["without a certificate", "no such thing", /: it contains no certificate\. /],
    [
      "with a broken one",
      "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      /ca\.pem: .+\. Name /,
    ],
  ])("%s", async (_, content, message) => {
    await using folder = await openTemporaryFolder();
    const caFile = join(folder.path, "ca.pem");
    if (content !== undefined) await writeFile(caFile, content);
    expect(secureRpc(chosen, { rpcTls: { caFile } }).diagnostics).toEqual([
      { code: "rpc-ca", message: expect.stringMatching(message) },
    ]);
  });
});
