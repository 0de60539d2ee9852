/** Files that the wizard writes: nothing is written over without a yes. */
import { existsSync } from "node:fs";
import { describeError } from "../../core/errors.ts";
import { BundleWriteError } from "../../results/bundle/write-error.ts";
import {
  checkName,
  occupied,
  planOptionsFile,
  writeOptionsFile,
  writeText,
} from "../commands/setup/options-file.ts";
import { notify, type WizardSetting } from "./setting.ts";

interface Writing {
  /** What the question calls it: "the hosts". */
  readonly what: string;
  readonly usual: string;
  /** Files that would be changed. */
  readonly taken: (path: string) => readonly string[];
  readonly write: (path: string) => Promise<void>;
}

/** Asks for a path until the file could be written. @returns the path */
async function save({ what, usual, taken, write }: Writing, setting: WizardSetting): Promise<string> {
  const { dialogue, context } = setting;
  const check = (path: string) => checkName(path.trim())[0]?.message;
  for (;;) {
    const path = (await dialogue.text(`File for ${what}:`, { usual, check })).trim();
    if (!(await mayWrite(taken(path), setting))) continue;
    try {
      await write(path);
      notify(context, `Written: ${path}`);
      return path;
    } catch (error) {
      if (!(error instanceof BundleWriteError)) throw error;
      notify(context, `${path} cannot be written: ${describeError(error)}. Use another name.`);
    }
  }
}

async function mayWrite(taken: readonly string[], { dialogue }: WizardSetting): Promise<boolean> {
  for (const path of taken) {
    if (!(await dialogue.confirm(`${path} already exists. Overwrite it?`, false))) return false;
  }
  return true;
}

/** A benchmark reads its hosts from a file, so those that were typed in get one. @returns its path */
export function saveHosts(text: string, usual: string, setting: WizardSetting): Promise<string> {
  const taken = (path: string) => (existsSync(path) ? [path] : []);
  return save({ what: "these hosts", usual, taken, write: (path) => writeText(path, text) }, setting);
}

/** @param format the text of the file at a path, without the line that names its schema */
export async function saveOptions(format: (path: string) => string, setting: WizardSetting): Promise<void> {
  const write = (path: string) =>
    writeOptionsFile(
      planOptionsFile(path),
      (schema) =>
        `# yaml-language-server: $schema=${schema}\n# For: npx baleen benchmark --config FILE\n\n${format(path)}`,
    );
  const taken = (path: string) => occupied(planOptionsFile(path));
  await save({ what: "the options", usual: "bench.yaml", taken, write }, setting);
}
