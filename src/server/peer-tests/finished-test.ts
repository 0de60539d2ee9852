/** Tests that have finished: the file of their results, which may be large. */
import { type TestStatus, testStatusForm } from "../../contracts/peer-tests/results.ts";
import { tryForm } from "../../core/documents/check-form.ts";
import { readBounded } from "../../core/documents/read-bounded.ts";
import { BaleenError, describeError, unlessAbsent } from "../../core/errors.ts";
import { isTable } from "../../core/keys.ts";
import { PeerTestError } from "./peer-test-error.ts";
import { readEnd } from "./tests-folder.ts";

/** Enough for how our files end. */
const endBytes = 128;
const end = /,"started":(\d+),"finished":(\d+)\}\s*$/;

/**
 * How far the test is whose results stand in a file. Its last bytes say so where we wrote it; that of another program is
 * read whole, up to 64 MiB.
 *
 * @returns undefined where there is no such file
 * @throws PeerTestError where it holds no results
 */
export async function readFinishedStatus(path: string, id: string): Promise<TestStatus | undefined> {
  return await unlessAbsent(readStatus(path, id));
}

async function readStatus(path: string, id: string): Promise<TestStatus> {
  const [, started, finished] = end.exec(readEnd(path, endBytes)) ?? [];
  if (started !== undefined) return { id, started: Number(started), finished: Number(finished) };
  const found = tryForm(testStatusForm, await readJson(path));
  if ("value" in found && found.value.id === id) return found.value;
  throw unreadable(path, "it has no results of this test");
}

async function readJson(path: string): Promise<unknown> {
  try {
    const json: unknown = JSON.parse((await readBounded(path)).toString("utf8"));
    return isTable(json) ? json : {};
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof BaleenError)) throw error;
    throw unreadable(path, describeError(error));
  }
}

const unreadable = (path: string, reason: string) =>
  new PeerTestError("unreadable", `Cannot read ${path}: ${reason}. Move it away.`);
