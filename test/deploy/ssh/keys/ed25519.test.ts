import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generateKeyPair } from "../../../../src/deploy/ssh/keys/ed25519.ts";
import { openTemporaryFolder } from "../../../support/temporary-folder.ts";

const whyNot = spawnSync("ssh-keygen", ["-?"]).error === undefined ? undefined : "ssh-keygen is not here";

// Comments of different length, so that the private part needs each number of padding bytes.
test.skipIf(whyNot !== undefined).each(["", "a", "ab", "abc", "abcd", "abcde", "abcdef", "two words"])(
  `ssh-keygen reads a key with the comment %j ${whyNot ?? ""}`,
  async (comment) => {
    await using folder = await openTemporaryFolder();
    const { privateKey, publicKey } = generateKeyPair(comment);
    const file = join(folder.path, "key");
    await writeFile(file, privateKey, { mode: 0o600 });
    const { stdout, stderr } = spawnSync("ssh-keygen", ["-y", "-f", file], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout.trim()).toBe(`${publicKey} ${comment}`.trim());
  },
);

test("no two keys are the same", () => {
  expect(generateKeyPair("x").privateKey).not.toBe(generateKeyPair("x").privateKey);
});
