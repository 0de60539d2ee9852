import { expect, test } from "vitest";
import { openHostReader } from "../../../src/metrics/hosts/reader.ts";
import { openCountingHost } from "../../support/counting-host.ts";

test("the command on a host ends with its standard input, without another session to end it", async () => {
  const { host, seen } = openCountingHost();
  const reader = openHostReader(host);
  await reader.open();
  expect(await reader.read([])).toMatchObject({ uptimeSecs: 1001 });
  await reader[Symbol.asyncDispose]();
  expect(seen).toEqual({ started: 1, ended: 1, stopped: 0 });
});
