import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findOwnComposeFile } from "../../src/deploy/choose-local-deployer.ts";
import { openTemporaryFolder } from "../support/temporary-folder.ts";

async function find(text: string | undefined) {
  await using folder = await openTemporaryFolder();
  const path = join(folder.path, "docker-compose.yml");
  if (text !== undefined) await writeFile(path, text);
  const told: string[] = [];
  const found = await findOwnComposeFile((message) => told.push(message), path);
  return { isUsed: found === path, told: told.map((message) => message.replace(path, "FILE")) };
}

test.each([
  ["a table of labels", "services:\n  a:\n    image: x\n    labels:\n      baleen.node: 0\n"],
  ["a list of labels", 'services: { a: { image: x, labels: ["baleen.node=0"] } }\n'],
  ["YAML that is wrong, which is told when it is read", "services: [a\n  # baleen.node\n"],
])("a compose file of the current folder is used that labels nodes: %s", async (_, text) => {
  expect(await find(text)).toEqual({ isUsed: true, told: [] });
});

test.each([
  [
    "another program",
    "services:\n  web:\n    image: nginx # not a baleen.node\n    ports: ['26657:26657']\n",
  ],
  ["nothing", "services: {}\n"],
  ["YAML that is wrong", "services: [a\n"],
])("one that is about %s is passed over, and that is said", async (_, text) => {
  expect(await find(text)).toEqual({
    isUsed: false,
    told: [
      "FILE is not used: no service in it has the label baleen.node. To use it, name it with --docker-compose-path.",
    ],
  });
});

test("where there is none, nothing is said", async () => {
  expect(await find(undefined)).toEqual({ isUsed: false, told: [] });
});
