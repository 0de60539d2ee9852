import { execFileSync } from "node:child_process";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readKey } from "../../../src/deploy/ssh/keys/keys.ts";
import { judgeKeys, type KeyFacts, readKeys } from "../../../src/doctor/checks/hosts.ts";

let folder = "";
const path = (name: string) => join(folder, name);
const make = (name: string, passphrase: string) =>
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", passphrase, "-f", path(name)]);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "baleen-keys-"));
  make("plain", "");
  make("open", "");
  make("locked", "secret");
  await chmod(path("open"), 0o640);
});
afterAll(() => rm(folder, { recursive: true }));

const host = (name: string, ...files: string[]) => ({
  name,
  address: { host: "h", port: 22, user: "u", keyFiles: files.map(path) },
  nodes: [],
});

async function reported(hosts: Parameters<typeof readKeys>[0], agent?: KeyFacts["agent"]) {
  const facts = await readKeys(hosts, path("none"), undefined);
  return judgeKeys({ ...facts, ...(agent === undefined ? {} : { agent }) }).findings.map(
    ({ severity, code, command = "-" }) => `${severity} ${code} ${command}`,
  );
}

test("a key that is there and nobody else's", async () => {
  expect(await reported([host("a", "plain")])).toEqual([]);
});

test("without hosts no key is missed", async () => {
  expect(await reported([])).toEqual([]);
});

test("a missing key, and no other", async () => {
  expect(await reported([host("a", "none")])).toEqual([
    "warning key-unreadable -",
    "fault ssh-key-missing ssh-add",
  ]);
});

test("a missing key beside one that is there", async () => {
  expect(await reported([host("a", "none", "plain")])).toEqual(["warning key-unreadable -"]);
});

test("a key that others may read", async () => {
  expect(await reported([host("a", "open")])).toEqual([`warning key-exposed chmod 600 ${path("open")}`]);
});

test("an encrypted key, which the agent does not hold or does", async () => {
  expect(await reported([host("a", "locked")])).toEqual([`warning key-encrypted ssh-add ${path("locked")}`]);
  const { blob } = await readKey(path("locked"));
  expect(blob).toBeDefined();
  const blobs = blob === undefined ? [] : [blob];
  expect(await reported([host("a", "locked")], { state: "answers", blobs })).toEqual([]);
});

test("an agent's key will do, and one that does not answer is told", async () => {
  const agent = { state: "answers", blobs: [Buffer.from("another")] } as const;
  expect(await reported([host("a", "none")], agent)).toEqual(["warning key-unreadable -"]);
  const facts = await readKeys([], path("none"), path("no-agent"));
  expect(judgeKeys(facts).findings).toMatchObject([
    { severity: "warning", code: "ssh-agent", command: 'eval "$(ssh-agent -s)"' },
  ]);
});
