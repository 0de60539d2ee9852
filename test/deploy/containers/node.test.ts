import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeExit, distinguishEnds } from "../../../src/deploy/containers/node.ts";

describe("ends that were asked for, and others", () => {
  test("whichever news comes first, those that nobody asked for are reported, and no others", async () => {
    const episodes = fc.array(
      fc.constantFrom(
        "by itself",
        "asked, news first",
        "asked, answer first",
        "by itself before it was asked",
      ),
    );
    await fc.assert(
      fc.asyncProperty(episodes, async (happened) => {
        const reported: number[] = [];
        const ends = distinguishEnds((code) => reported.push(code));
        for (const [code, episode] of happened.entries()) {
          const answer = episode !== "by itself before it was asked";
          const newsFirst = episode === "asked, news first" || !answer;
          const request = async () => {
            if (newsFirst) ends.note(code);
            return answer;
          };
          if (episode !== "by itself") await ends.ask(request);
          if (episode === "by itself" || episode === "asked, answer first") ends.note(code);
        }
        const expected = [...happened.entries()].filter(([, episode]) => episode.startsWith("by itself"));
        expect(reported).toEqual(expected.map(([code]) => code));
      }),
    );
  });

  test("a node that ended by itself before the kill came is reported", async () => {
    const reported: number[] = [];
    const ends = distinguishEnds((code) => reported.push(code));
    await ends.ask(async () => {
      ends.note(3);
      return false;
    });
    expect(reported).toEqual([3]);
  });

  test("a kill that fails leaves the count as it was", async () => {
    const reported: number[] = [];
    const ends = distinguishEnds((code) => reported.push(code));
    await expect(ends.ask(() => Promise.reject(new Error("engine gone")))).rejects.toThrow("engine gone");
    ends.note(1);
    expect(reported).toEqual([1]);
  });
});

describe("a container's exit code", () => {
  test.each([
    [0, { exitCode: 0, signal: null }],
    [3, { exitCode: 3, signal: null }],
    [137, { exitCode: null, signal: "SIGKILL" }],
    [143, { exitCode: null, signal: "SIGTERM" }],
    [255, { exitCode: 255, signal: null }],
  ])("%i", (code, expected) => {
    expect(describeExit(code)).toEqual(expected);
  });
});
