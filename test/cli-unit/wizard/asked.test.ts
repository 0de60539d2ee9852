import { describe, expect, test } from "vitest";
import { advancedOptions, basicOptions, meaningfulOptions } from "../../../src/cli/wizard/asked.ts";
import { answer, gather, table } from "./setting.ts";

const occasion = { given: {}, isNative: false };
const ask = (values: Readonly<Record<string, string>>, more: Partial<typeof occasion> = {}) =>
  basicOptions(answer(values), { ...occasion, ...more });

describe("what everyone is asked for", () => {
  test("of a local network", () => {
    expect(ask({})).toEqual([
      ...["network-type", "protocol", "runtime", "committee", "search", "local-loads"],
      ...["duration", "runs", "transaction-size", "cleanup"],
    ]);
  });

  test("of a remote network: its hosts, and no runtime", () => {
    const asked = ask({ "network-type": "remote" });
    expect(asked).toEqual(expect.arrayContaining(["hosts", "remote-loads"]));
    expect(asked).not.toContain("runtime");
  });

  test("of both: one list of loads, and no search", () => {
    const asked = ask({ "network-type": "both", search: "true" });
    expect(asked).toEqual(expect.arrayContaining(["runtime", "committee", "hosts", "remote-loads"]));
    expect(asked).not.toContain("search");
    expect(asked).not.toContain("local-loads");
  });

  test("of a search: its terms in place of loads and runs", () => {
    const asked = ask({ search: "true" });
    expect(asked).toEqual(expect.arrayContaining(["search-from", "search-to", "search-latency"]));
    expect(asked).not.toContain("local-loads");
    expect(asked).not.toContain("runs");
  });

  test("of nodes that make the load themselves: no search", () => {
    expect(ask({}, { isNative: true })).not.toContain("search");
  });

  test("of processes, or where all is removed: not what is left", () => {
    expect(ask({ runtime: "process" })).not.toContain("cleanup");
    expect(ask({ "cleanup-thorough": "true" })).not.toContain("cleanup");
  });

  test("is asked under the name by which it was given nearest", () => {
    const { given } = gather(["--local-committee=5"], { BALEEN_LOADS: "7", BALEEN_COMMITTEE: "6" });
    const asked = basicOptions(answer({ "network-type": "both" }), { given, isNative: false });
    expect(asked).toEqual(expect.arrayContaining(["local-committee", "committee", "loads"]));
    expect(asked).not.toContain("remote-loads");
  });
});

describe("options that mean something", () => {
  const names = (values: Readonly<Record<string, string>>) =>
    meaningfulOptions(answer(values), table).map(({ name }) => name);

  test.each([
    ["local", ["runtime", "local-loads", "rpc-port"], ["hosts", "remote-loads", "client-placement"]],
    ["remote", ["hosts", "remote-loads", "node-cpus"], ["runtime", "local-loads", "docker-compose-path"]],
    ["both", ["runtime", "hosts", "local-committee", "remote-committee"], ["search-from"]],
  ])("of %s", (type, those, others) => {
    expect(names({ "network-type": type })).toEqual(expect.arrayContaining(those));
    for (const other of others) expect(names({ "network-type": type })).not.toContain(other);
  });

  test("of a search are its terms, not loads and runs", () => {
    expect(names({ search: "true" })).toContain("search-from");
    expect(names({ search: "true" })).not.toContain("local-loads");
    expect(names({ search: "true" })).not.toContain("runs");
  });

  test("may be set besides, but for those that everyone is asked for, and how the command talks", () => {
    const advanced = advancedOptions(answer({}), table, ask({})).map(({ name }) => name);
    expect(advanced).toEqual(expect.arrayContaining(["transport", "faults", "assert", "junit"]));
    for (const other of ["duration", "verbose", "help", "config", "resume", "hosts"])
      expect(advanced).not.toContain(other);
  });
});
