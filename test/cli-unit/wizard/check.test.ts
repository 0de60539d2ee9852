import { describe, expect, test } from "vitest";
import { checkAnswers, diagnosticsOfAnswer } from "../../../src/cli/wizard/check.ts";
import { answer, gather, options } from "./setting.ts";

const messages = (diagnostics: readonly { readonly message: string }[]) =>
  diagnostics.map(({ message }) => message);

describe("answers are checked as flags", () => {
  test("and become parameters", () => {
    const { parameters, diagnostics } = checkAnswers(
      answer({ duration: "20", "local-loads": "5,6" }),
      options(),
    );
    expect(diagnostics).toEqual([]);
    expect(parameters).toMatchObject([{ networkType: "local", durationSecs: 20, loadsTps: [5, 6] }]);
  });

  test.each([
    ["duration", "soon", '--duration: "soon" is not a number. Give a number of seconds above 0'],
    ["committee", "2", "--committee: 2 nodes tolerate f = 0 faults"],
    ["protocol", "mysticetti", "Did you mean mysticeti?"],
    ["transaction-size", "1", "--transaction-size: 1 is below the minimum of 18 bytes"],
    ["transport", "pigeon", '--transport: "pigeon" is not a known value'],
  ])("%s %s: %s", (name, text, message) => {
    const diagnostics = messages(diagnosticsOfAnswer(name, answer({ [name]: text }), options()));
    expect(diagnostics).toHaveLength(1);
    expect(diagnostics[0]).toContain(message);
  });

  test("each tells only of what it brings about", () => {
    const wrong = answer({ duration: "soon", runs: "2" });
    expect(diagnosticsOfAnswer("runs", wrong, options())).toEqual([]);
    const remote = answer({ "network-type": "remote" });
    expect(diagnosticsOfAnswer("network-type", remote, options())).toEqual([]);
    expect(messages(checkAnswers(remote, options()).diagnostics).join()).toContain(
      "needs hosts, and there are none",
    );
  });

  test("what the environment says of the other network is passed over", () => {
    const env = { BALEEN_RUNTIME: "process", BALEEN_LOCAL_LOADS: "9", MYSTICETI_NODE0_HOST: "10.0.0.1" };
    const { answers } = gather(["--network-type=remote", "--committee=1", "--allow-no-faults"], env);
    const { argv, diagnostics, parameters } = checkAnswers(answers, options(env));
    expect(diagnostics).toEqual([]);
    expect(argv.join(" ")).toBe("--network-type remote --committee 1 --allow-no-faults");
    expect(parameters).toMatchObject([{ runtime: "docker", remote: { hosts: [{ address: "10.0.0.1" }] } }]);
  });

  test("a file of hosts counts alone: variables that describe others are unset", () => {
    const env = { MYSTICETI_NODE0_HOST: "10.0.0.1", MYSTICETI_NODE0_SSH_USER: "me", SSH_TIMEOUT: "5" };
    const files = new Map([["mine.yaml", "hosts: [{address: 10.0.0.9, nodes: 4}]"]]);
    const answers = answer({ "network-type": "remote", hosts: "mine.yaml" });
    const { unset, diagnostics, parameters } = checkAnswers(answers, options(env, files));
    expect(diagnostics).toEqual([]);
    expect(unset).toEqual(["MYSTICETI_NODE0_HOST", "MYSTICETI_NODE0_SSH_USER"]);
    expect(parameters).toMatchObject([{ remote: { hosts: [{ address: "10.0.0.9" }], sshTimeoutSecs: 5 } }]);
  });
});
