import { describe, expect, test } from "vitest";
import { buildArgv, placeText, withAnswer } from "../../../src/cli/wizard/answers.ts";
import { answer, gather, table } from "./setting.ts";

describe("answers", () => {
  test("are what flags and environment said, each as its flag would", () => {
    const { answers } = gather(
      ["--duration=20", "--no-file-output", "--cleanup", "--assert=a<1", "--assert=b<2", "--phases=p.yaml"],
      { BALEEN_STRICT: "yes", BALEEN_PROTOCOL_OPTION: "x=1;y=2", BALEEN_PROFILE: "trace:t.csv" },
    );
    expect(Object.fromEntries(answers)).toEqual({
      duration: ["20"],
      "file-output": ["false"],
      cleanup: ["true"],
      assert: ["a<1", "b<2"],
      phases: ["p.yaml"],
      strict: ["true"],
      "protocol-option": ["x=1", "y=2"],
      profile: ["trace:t.csv"],
    });
  });

  test("of an option that counts from everywhere are those of flags and environment", () => {
    const { answers } = gather(["--protocol-option=b=2"], { BALEEN_PROTOCOL_OPTION: "a=1" });
    expect(answers.get("protocol-option")).toEqual(["a=1", "b=2"]);
  });

  test("become the flags that say the same, without defaults", () => {
    const { answers } = gather(["--duration=20", "--committee=4", "--no-file-output", "--seed=-1"]);
    expect(buildArgv(answers, table)).toEqual(["--duration", "20", "--seed=-1", "--no-file-output"]);
    const twice = gather(["--assert=a<1", "--assert=b<2"]).answers;
    expect(buildArgv(twice, table)).toEqual(["--assert", "a<1", "--assert", "b<2"]);
  });

  test("that are a default are said where the environment says otherwise", () => {
    const answers = answer({ duration: "180", cleanup: "false" });
    expect(buildArgv(answers, table)).toEqual([]);
    expect(buildArgv(answers, table, new Set(["duration", "cleanup"]))).toEqual([
      "--no-cleanup",
      "--duration",
      "180",
    ]);
  });

  test("are taken away by nothing", () => {
    expect([...withAnswer(answer({ seed: "x" }), "seed", [])]).toEqual([]);
  });
});

describe("a path in a file of another folder", () => {
  const option = (name: string) => {
    const found = table.find((one) => one.name === name);
    if (found === undefined) throw new Error(`there is no option ${name}`);
    return found;
  };

  test.each([
    ["hosts", "hosts.yaml", "ci", "../hosts.yaml"],
    ["hosts", "ci/hosts.yaml", "ci", "./hosts.yaml"],
    ["hosts", "hosts.yaml", ".", "hosts.yaml"],
    ["hosts", "/etc/hosts.yaml", "ci", "/etc/hosts.yaml"],
    ["hosts", "~/hosts.yaml", "ci", "~/hosts.yaml"],
    ["profile", "trace:load.csv", "ci", "trace:../load.csv"],
    ["profile", "ramp:0..1", "ci", "ramp:0..1"],
    ["protocol", "etcd.yaml", "ci", "../etcd.yaml"],
    ["protocol", "mysticeti", "ci", "mysticeti"],
    ["node-binary", "./ci/node", "ci", "./node"],
    ["node-binary", "etcd", "ci", "etcd"],
    ["seed", "a/b", "ci", "a/b"],
  ])("%s %s in %s is %s", (name, text, folder, expected) => {
    expect(placeText(option(name), text, folder)).toBe(expected);
  });
});
