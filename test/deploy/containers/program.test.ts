import { describe, expect, test } from "vitest";
import type { ForeignProgram } from "../../../src/contracts/deployment.ts";
import { describeStart } from "../../../src/deploy/containers/program.ts";
import { tinyNode } from "../tiny-plan.ts";

const foreign: ForeignProgram = {
  kind: "foreign-program",
  name: "x",
  remedy: "",
  entrypoint: ["/bin/x", "-v"],
};
const ours = { user: "1000:1000", env: { HOME: "/home/node" } };

describe("how a container is started", () => {
  test("a program of ours: what its node says, in an image that says the rest", () => {
    expect(describeStart(tinyNode, { args: ["a"], env: { B: "c" }, files: [] })).toEqual({
      args: ["a"],
      env: { B: "c" },
    });
  });

  test("a binary: its image starts it, whatever would be started in others", () => {
    expect(describeStart({ ...foreign, path: "/x" }, { args: ["a"], files: [] })).toEqual({
      args: ["a"],
      ...ours,
    });
  });

  test("an image by name: with our user and home, its own entrypoint or another", () => {
    const image = { ...foreign, image: "x:1" };
    const node = { args: ["a"], env: { HOME: "/elsewhere", B: "c" }, files: [] };
    expect(describeStart(image, node)).toEqual({
      entrypoint: ["/bin/x", "-v"],
      args: ["a"],
      user: "1000:1000",
      env: { HOME: "/elsewhere", B: "c" },
    });
    expect(describeStart({ ...image, entrypoint: undefined }, { args: ["a"], files: [] })).toEqual({
      args: ["a"],
      ...ours,
    });
  });

  test("without arguments an image starts as it is; another entrypoint gets none of the image's", () => {
    const image = { ...foreign, image: "x:1" };
    expect(describeStart({ ...image, entrypoint: undefined }, { args: [], files: [] })).toEqual(ours);
    expect(describeStart(image, { args: [], files: [] })).toMatchObject({ args: [] });
  });
});
