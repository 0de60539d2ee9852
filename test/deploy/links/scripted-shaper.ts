import { PassThrough } from "node:stream";
import type { PlacedProcess } from "../../../src/contracts/deployment.ts";
import {
  type ShaperCommand,
  type ShaperReport,
  shaperCommandForm,
  shaperReportForm,
} from "../../../src/contracts/links/shaper.ts";
import { readForm } from "../../../src/core/documents/check-form.ts";
import { writeForm } from "../../../src/core/documents/write-form.ts";
import { ProcessLines } from "../../../src/core/process/lines.ts";

/** A shaper that says what it is told to say. */
export function startScriptedShaper(answer: (command: ShaperCommand) => ShaperReport | undefined) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const commands: ShaperCommand[] = [];
  const ended = Promise.withResolvers<string>();
  const report = (what: ShaperReport) =>
    stdout.write(`${JSON.stringify(writeForm(shaperReportForm, what))}\n`);
  const read = async () => {
    const lines = new ProcessLines({ stdout: stdin, stdin: new PassThrough() });
    for (;;) {
      const line = await lines.next(new AbortController().signal);
      if (line === undefined) return;
      const command = readForm(shaperCommandForm, JSON.parse(line));
      commands.push(command);
      const reply = answer(command);
      if (reply !== undefined) report(reply);
    }
  };
  void read();
  const end = (why: string) => {
    ended.resolve(why);
    stdout.end();
  };
  const process: PlacedProcess = {
    ...{ stdin, stdout, ended: ended.promise },
    [Symbol.asyncDispose]: async () => end("it was disposed of"),
  };
  return { process, commands, report, write: (text: string) => stdout.write(text), end };
}

/** A second in which nothing happened. */
export const quietSecond: Extract<ShaperReport, { readonly type: "second" }> = {
  ...{ type: "second", atMs: 1, released: 0, stamped: 0, errors: 0, cpuMs: 1, targets: [] },
};
