import { describe, expect, test } from "vitest";
import { digestImage, type ImageDescription } from "../../../src/deploy/engine/images.ts";

const image: ImageDescription = {
  Os: "linux",
  Architecture: "amd64",
  RootFS: { Layers: ["sha256:01", "sha256:02"] },
  Config: { User: "1000", Entrypoint: ["/node"], Labels: { a: "1", b: "2" } },
};

describe("the digest of an image's content", () => {
  test("is the same however an engine writes what is empty, and in whatever order it has labels", () => {
    const { Config } = image;
    const spelt = { ...Config, Env: null, Cmd: [], WorkingDir: "", Labels: { b: "2", a: "1" } };
    expect(digestImage({ ...image, Config: spelt })).toBe(digestImage(image));
  });

  test.each<[string, Partial<ImageDescription>]>([
    ["layers", { RootFS: { Layers: ["sha256:02", "sha256:01"] } }],
    ["processor", { Architecture: "arm64" }],
    ["user", { Config: { ...image.Config, User: "0" } }],
    ["entrypoint", { Config: { ...image.Config, Entrypoint: ["/node", "x"] } }],
    ["arguments", { Config: { ...image.Config, Cmd: ["x"] } }],
    ["environment", { Config: { ...image.Config, Env: ["A=b"] } }],
    ["labels", { Config: { ...image.Config, Labels: { a: "1" } } }],
  ])("is another one with other %s", (_, change) => {
    expect(digestImage({ ...image, ...change })).not.toBe(digestImage(image));
  });
});
