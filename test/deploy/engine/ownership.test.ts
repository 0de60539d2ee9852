import { hostname } from "node:os";
import { describe, expect, test } from "vitest";
import { ownPid, readProcess } from "../../../src/core/process/processes.ts";
import { describeOwnHolder, findHolder, holderLabel } from "../../../src/deploy/engine/ownership.ts";

const holderOf = (holder: string, remote = false) => findHolder({ [holderLabel]: holder }, remote);
const here = `ann@${hostname()}`;

describe("who drives a container", () => {
  test.each([undefined, here])("this very process (%s) is nobody else", async (who) => {
    expect(await holderOf(await describeOwnHolder(who))).toBeUndefined();
  });

  test.each(["", `${here} `])("a process of this machine lives, or has died: %j", async (who) => {
    const start = (await readProcess(process.ppid))?.start;
    expect(await holderOf(`${who}${process.ppid} ${start}`)).toEqual({
      pid: process.ppid,
      description: `process ${process.ppid}`,
    });
    expect(await holderOf(`${who}${process.ppid} before`)).toBeUndefined();
  });

  test("one of another machine is named, and not looked for here", async () => {
    const own = await describeOwnHolder("ann@elsewhere.example");
    const description = `ann@elsewhere.example, process ${ownPid}`;
    expect(await holderOf(own)).toEqual({ description });
    expect(await holderOf(own, true)).toEqual({ description });
  });

  test("on another machine's engine, one that names no machine is of that machine", async () => {
    const start = (await readProcess(process.ppid))?.start;
    expect(await holderOf(`${process.ppid} ${start}`, true)).toEqual({
      description: `a user of that machine, process ${process.ppid}`,
    });
    // One of ours that drives it from here does.
    expect(await holderOf(`${here} ${process.ppid} ${start}`, true)).toMatchObject({ pid: process.ppid });
    expect(await holderOf(`${here} ${process.ppid} before`, true)).toBeUndefined();
  });

  test("blanks in a user's name leave the label readable", async () => {
    const own = await describeOwnHolder("Ann Other@else where");
    expect(await holderOf(own)).toMatchObject({ description: `Ann-Other@else-where, process ${ownPid}` });
  });

  test.each(["", "ann@x", "ann@x y z", "1"])("%j names nobody", async (holder) => {
    expect(await holderOf(holder, true)).toBeUndefined();
  });
});
