import { expect, test } from "vitest";
import { formatCommandLine } from "../../../src/cli/terminal/command-backend.ts";

test.each([
  ["npx's own folder", "/home/jo/.npm/_npx/f2934c68/node_modules/.bin/baleen", "baleen wizard"],
  ["a checkout's file", "/src/baleen/bin/baleen.js", "baleen wizard"],
])("a command is told by its name, not by its path: %s", (_, file, reported) => {
  expect(formatCommandLine(["/usr/bin/node", file, "wizard"])).toBe(reported);
});

test("arguments follow as they are", () => {
  const argv = ["node", "/bin/benchmark", "--hosts", "/etc/hosts.env", "--loads=50"];
  expect(formatCommandLine(argv)).toBe("benchmark --hosts /etc/hosts.env --loads=50");
});
