import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { ownPid } from "../../src/core/processes.ts";
import {
  describeOwnHolder,
  findHolderElsewhere,
  findLivingHolder,
  holderLabel,
} from "../../src/docker/ownership.ts";

const labelled = (holder: string) => ({ [holderLabel]: holder });

describe("who drives a container", () => {
  test.each([undefined, `ann@${hostname()}`])("this very process (%s) is nobody else", async (who) => {
    const labels = labelled(await describeOwnHolder(who));
    expect(await findLivingHolder(labels)).toBeUndefined();
    expect(findHolderElsewhere(labels)).toBeUndefined();
  });

  test.each(["", `ann@${hostname()} `])("a process of this machine lives or not: %j", async (who) => {
    const [, start] = /^\d+ (.*)$/s.exec(await describeOwnHolder()) ?? [];
    // Our parent lives, but did not start when we did.
    expect(await findLivingHolder(labelled(`${who}${process.ppid} ${start}`))).toBeUndefined();
    expect(findHolderElsewhere(labelled(`${who}${process.ppid} ${start}`))).toBeUndefined();
  });

  test("one of another machine is named, and not looked for here", async () => {
    const own = await describeOwnHolder("ann@elsewhere.example");
    expect(findHolderElsewhere(labelled(own))).toBe(`ann@elsewhere.example, process ${ownPid}`);
    expect(await findLivingHolder(labelled(own))).toBeUndefined();
  });

  test("blanks in a user's name leave the label readable", async () => {
    const own = await describeOwnHolder("Ann Other@else where");
    expect(findHolderElsewhere(labelled(own))).toBe(`Ann-Other@else-where, process ${ownPid}`);
  });

  test.each(["", "ann@x", "ann@x y z", "1"])("%j names nobody", async (holder) => {
    expect(findHolderElsewhere(labelled(holder))).toBeUndefined();
    expect(await findLivingHolder(labelled(holder))).toBeUndefined();
  });
});
