import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { namedPrograms, openOrigin } from "../../../src/run/prepare/origin.ts";
import { sweepParameters } from "../../results/sample-results.ts";
import { storeBundle } from "../../results/stored-bundle.ts";
import { makeTemporaryFolder } from "../../results/temporary-folder.ts";

/** A bundle and the state folders of two users. */
async function openPlace() {
  const folder = await makeTemporaryFolder();
  const bundle = await storeBundle(folder.path, { runs: [], finish: false });
  const read = async () => JSON.parse(await readFile(join(bundle, "parameters.json"), "utf8"));
  const [ours, theirs] = ["ours", "theirs"].map((name) => join(folder.path, name)) as [string, string];
  return { bundle, read, ours, theirs, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

test("a bundle is its maker's own, on the maker's machine, as long as its parameters are the same", async () => {
  await using place = await openPlace();
  const { bundle, read, ours, theirs } = place;
  const document = await read();
  const origin = openOrigin(ours);
  expect(await origin.isOwn(bundle, document)).toBe(false);
  await origin.mark(bundle, sweepParameters);
  expect(await origin.isOwn(bundle, document)).toBe(true);
  expect(await openOrigin(ours).isOwn(bundle, document)).toBe(true);
  expect(await origin.isOwn(bundle, { ...document, node_binary: "/tmp/evil" })).toBe(false);
  // Somebody who has no key, and somebody who has another.
  expect(await openOrigin(theirs).isOwn(bundle, document)).toBe(false);
  await openOrigin(theirs).mark(bundle, sweepParameters);
  expect(await openOrigin(theirs).isOwn(bundle, document)).toBe(true);
  expect(await origin.isOwn(bundle, document)).toBe(false);
});

test("the key is the user's alone, and an empty one is none", async () => {
  await using place = await openPlace();
  const { bundle, read, ours } = place;
  await Promise.all([1, 2, 3].map(() => openOrigin(ours).mark(bundle, sweepParameters)));
  expect(await openOrigin(ours).isOwn(bundle, await read())).toBe(true);
  expect(await readdir(ours)).toEqual(["bundle-key"]);
  const { mode, size } = await stat(join(ours, "bundle-key"));
  expect([mode & 0o777, size]).toEqual([0o600, 32]);
  await writeFile(join(ours, "bundle-key"), "");
  await expect(openOrigin(ours).isOwn(bundle, await read())).resolves.toBe(false);
});

test("a mark of another length, or that is no file, is none", async () => {
  await using place = await openPlace();
  const { bundle, read, ours } = place;
  await openOrigin(ours).mark(bundle, sweepParameters);
  await writeFile(join(bundle, ".made-here"), "00");
  expect(await openOrigin(ours).isOwn(bundle, await read())).toBe(false);
  await mkdir(join(bundle, "folder"));
  await expect(openOrigin(ours).isOwn(join(bundle, "folder"), await read())).resolves.toBe(false);
});

test("what a bundle names is shown as a shell would take it, but for Baleen's own nodes", () => {
  expect(namedPrograms(sweepParameters)).toEqual([]);
  const definition = {
    nodes: [
      {
        role: "member",
        program: { binary: "etcd", image: "quay.io/etcd" },
        environment: { LD_PRELOAD: "./x.so" },
        command: ["--name", "a b", 3],
        files: [{ path: "x.so", content: "" }],
      },
      { role: "relay", count: 1, program: { image: "evil", entrypoint: ["sh", "-c"] }, command: ["id"] },
    ],
  };
  const protocol = { name: "etcd", observesCommits: false, described: { definition } };
  const named = {
    protocol,
    program: { path: "/opt/node", image: "img" },
    dockerComposePath: "./compose.yaml",
  };
  expect(namedPrograms(named)).toEqual([
    "member: 'LD_PRELOAD=./x.so' etcd --name 'a b' 3, in image quay.io/etcd, with the files x.so",
    "relay: sh -c id, in image evil",
    "node program /opt/node",
    "image img",
    "compose file ./compose.yaml",
  ]);
});
