import { expect, test } from "vitest";
import type { ForeignProgram, NodeGroup } from "../../../src/contracts/deployment.ts";
import type { Protocol } from "../../../src/contracts/protocol.ts";
import { mysticeti } from "../../../src/protocol/mysticeti.ts";
import { effectiveOptions, planNetwork } from "../../../src/run/prepare/plan-network.ts";

const foreign: ForeignProgram = { kind: "foreign-program", name: "other", remedy: "Build it." };
const group = (program: NodeGroup["program"]): NodeGroup => ({
  role: "node",
  count: 1,
  program,
  planes: ["rpc"],
  configure: () => ({ args: [], files: [] }),
});

/** Program of the one group that a protocol plans. */
function planned(own: Partial<ForeignProgram>, chosen?: { readonly path?: string; readonly image?: string }) {
  const protocol: Pick<Protocol, "plan"> = {
    plan: ({ program }) => ({ protocol: "p", groups: [group({ ...foreign, ...own, ...program })] }),
  };
  const parameters = { committee: 1, protocolOptions: {}, program: chosen };
  const plan = planNetwork(protocol, parameters, (name) => (name === "other" ? "/found/other" : undefined));
  return plan.groups[0]?.program;
}

test("a program that nobody says where it is is looked for by its name", () => {
  expect(planned({})).toEqual({ ...foreign, path: "/found/other" });
  expect(planned({ name: "missing" })).toEqual({ ...foreign, name: "missing" });
  // Containers are made of the image, plain processes of the file.
  expect(planned({ image: "a:1" })).toEqual({ ...foreign, image: "a:1", path: "/found/other" });
});

test("what the user or the adapter names stays", () => {
  expect(planned({ path: "/own" })).toMatchObject({ path: "/own" });
  expect(planned({}, { path: "/chosen" })).toMatchObject({ path: "/chosen" });
  expect(planned({}, { image: "a:1" })).toEqual({ ...foreign, image: "a:1" });
});

test("results tell all options of the protocol, also those that nobody gave", () => {
  const given = { minRoundDelayMs: 60, ofItsOwn: 1 };
  const local = effectiveOptions(mysticeti, { networkType: "local", protocolOptions: given });
  expect(local).toMatchObject({ ...given, leaderTimeoutMs: 250, logSync: "none" });
  const remote = effectiveOptions(mysticeti, { networkType: "remote", protocolOptions: local });
  expect(remote).toEqual(local);
  expect(effectiveOptions(mysticeti, { networkType: "remote", protocolOptions: {} })).toMatchObject({
    leaderTimeoutMs: 1000,
  });
});

test("a wrong option stays, so that the protocol refuses it", () => {
  const protocolOptions = effectiveOptions(mysticeti, {
    networkType: "local",
    protocolOptions: { logSync: "sometimes" },
  });
  expect(() => planNetwork(mysticeti, { committee: 4, protocolOptions })).toThrow(/logSync/);
});
