import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { gatherOptions } from "../../../src/cli/options/sources.ts";
import { openCommandBackend } from "../../../src/cli/terminal/command-backend.ts";
import { checkAnswers } from "../../../src/cli/wizard/check.ts";
import { formatCommand, formatOptions } from "../../../src/cli/wizard/texts.ts";
import { formatHostLine, formatHostsFile, parseHostLine } from "../../../src/cli/wizard/type-hosts.ts";
import { checkHostsFile } from "../../../src/options/checks/remote.ts";
import { checkSweeps } from "../../../src/run/prepare/sweeps.ts";
import { answer, gather, options, table } from "./setting.ts";

describe("the command line", () => {
  test("makes a shell take exactly these words, on lines that fit 80 columns", () => {
    const argv = [
      "--seed",
      "it's a $HOME `date`",
      "--assert",
      "commit.p99<500ms",
      "--output-dir",
      "my results",
    ];
    const more = ["--duration", "20", "--cleanup", "--junit", "a\\b.xml", "--local-loads", "1,2,3"];
    const text = formatCommand([...argv, ...more]);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(text.split("\n").length).toBeGreaterThan(1);
    const run = text.replace(/^npx baleen benchmark/, "printf '%s\\n'");
    expect(execFileSync("sh", ["-c", run], { encoding: "utf8" }).trimEnd().split("\n")).toEqual([
      ...argv,
      ...more,
    ]);
  });

  test("keeps variables away that it must not see", () => {
    const text = formatCommand(["--hosts", "h.yaml"], ["MYSTICETI_NODE0_HOST"]);
    expect(text).toBe("env -u MYSTICETI_NODE0_HOST npx baleen benchmark --hosts h.yaml");
  });
});

describe("the file of options", () => {
  const benchmark = (argv: readonly string[], files: Readonly<Record<string, string>>) => {
    const readFile = (path: string) => {
      const text = files[path];
      if (text === undefined) throw new Error(`nobody wrote ${path}`);
      return text;
    };
    return checkSweeps(
      gatherOptions("benchmark", { argv, env: {}, home: "/home/me", readFile }),
      openCommandBackend({}),
    );
  };

  test("says what the flags say", () => {
    const { answers } = gather([
      ...["--committee=7", "--local-loads=10,2.5", "--duration=1e1", "--cleanup", "--no-file-output"],
      ...["--seed=$HOME: #1", "--clients=2", "--transport=websocket", "--assert=commit.p99<500ms"],
      ...["--assert=efficiency>=95%", "--protocol-option=leaderTimeoutMs=300", "--profile=ramp:0..1"],
    ]);
    const text = formatOptions(answers, table, "bench.yaml");
    const { argv } = checkAnswers(answers, options());
    const said = benchmark(argv, {});
    expect(said.diagnostics).toEqual([]);
    expect(benchmark(["--config", "bench.yaml"], { "bench.yaml": text })).toEqual(said);
    expect(said.parameters).toMatchObject([{ committee: 7, loadsTps: [10, 2.5], seed: "$HOME: #1" }]);
  });

  test("looks like one that somebody wrote", () => {
    const answers = answer({
      "network-type": "local",
      committee: "4",
      "local-loads": "5,6",
      search: "false",
    });
    expect(formatOptions(answers, table, "bench.yaml")).toBe(
      "# Network\nnetwork-type: local\ncommittee: 4\n\n# Load\nlocal-loads: [5, 6]\n",
    );
  });

  test("finds other files from its own folder", () => {
    const text = formatOptions(answer({ hosts: "hosts.yaml", "output-dir": "out" }), table, "ci/b.yaml");
    expect(text).toBe("# Remote hosts\nhosts: ../hosts.yaml\n\n# Results\noutput-dir: ../out\n");
  });
});

describe("a host that is typed", () => {
  test.each([
    ["10.0.1.10", { address: "10.0.1.10" }],
    ["ubuntu@node0.example.com:2222", { address: "node0.example.com", user: "ubuntu", port: 2222 }],
    ["me@[fe80::1]:22", { address: "fe80::1", user: "me", port: 22 }],
  ])("%s", (text, host) => {
    expect(parseHostLine(text)).toEqual(host);
    expect(formatHostLine(host)).toBe(text);
  });

  test.each(["", "none", "a,b", "host:port", "host:99999", "a b@"])("%j is none", (text) => {
    const line = parseHostLine(text);
    const { diagnostics } = checkHostsFile({ path: "h.yaml", text: formatHostsFile(line ? [line] : [], 4) });
    expect(line === undefined || diagnostics.length > 0).toBe(true);
  });

  test("stands in a file that --hosts takes, with room for all nodes", () => {
    const hosts = [
      { address: "10.0.1.10", user: "me", port: 2222, keyFile: "~/my key", jump: "bastion" },
      { address: "10.0.1.11" },
      { address: "127.0.1.1", privateAddress: "10.0.1.12" },
    ];
    const { remote, diagnostics } = checkHostsFile({ path: "hosts.yaml", text: formatHostsFile(hosts, 4) });
    expect(diagnostics).toEqual([]);
    expect(remote.hosts).toMatchObject([
      { address: "10.0.1.10", user: "me", port: 2222, keyFile: "~/my key", jump: "bastion", nodes: [0, 3] },
      { address: "10.0.1.11", nodes: [1, 4] },
      { address: "127.0.1.1", privateAddress: "10.0.1.12", nodes: [2, 5] },
    ]);
  });
});
