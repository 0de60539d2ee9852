import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LogError } from "../../../src/validator/log/error.ts";
import { expectCutsToRecover, expectFlipsToRecover, record } from "../torn-logs.ts";

// Every byte: recovery.full.test.ts.
test("a log cut at some bytes of its last segment, and around each record's end, comes back as what was whole", async () => {
  await expectCutsToRecover(16);
});

test("a log in whose last segment a bit flipped keeps what stands behind it", async () => {
  await expectFlipsToRecover(3);
});

test("a segment whose opening is damaged is told with a remedy, and nothing is changed", async () => {
  const { committee, files } = await record();
  await using _committee = committee;
  const last = files.at(-1);
  if (last === undefined) throw new Error("no log");
  const folder = join(committee.folder, "damaged");
  mkdirSync(folder);
  for (const { name, bytes } of files) writeFileSync(join(folder, name), bytes);
  const changed = Buffer.from(last.bytes);
  changed.writeUInt8(changed.readUInt8(60) ^ 1, 60);
  writeFileSync(join(folder, last.name), changed);
  expect(() => committee.open(0, folder)).toThrow(LogError);
  expect(() => committee.open(0, folder)).toThrow(/Remove the log's folder/);
  expect(readFileSync(join(folder, last.name)).equals(changed)).toBe(true);
});
