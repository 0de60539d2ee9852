/** The wizard on a terminal, in a setting of its own. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { type PseudoTerminal, spawnOnTerminal } from "../support/pseudo-terminal.ts";
import { noEngine, type Setting } from "./setting.ts";

const baleen = fileURLToPath(new URL("../../bin/baleen.js", import.meta.url));

export interface WizardOptions {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** In place of the wizard alone: a shell command that runs it as "$NODE" "$BALEEN" wizard. */
  readonly script?: string;
  readonly cols?: number;
}

export interface WizardTerminal extends PseudoTerminal {
  /** Waits until this stands on the screen, behind what was waited for before, and types the answer. */
  readonly reply: (question: string | RegExp, answer: string) => Promise<void>;
}

export const enter = "\r";
export const down = "\x1b[B";
/** Takes away what was typed on the line. */
export const clear = "\x15";

const patienceMs = 60_000;

export async function openWizard(
  { home }: Setting,
  { argv = [], env = {}, script, cols = 80 }: WizardOptions = {},
): Promise<WizardTerminal> {
  const command = script === undefined ? [process.execPath, baleen, "wizard", ...argv] : ["sh", "-c", script];
  const terminal = await spawnOnTerminal(command, {
    cols,
    cwd: home,
    env: {
      ...{ HOME: home, XDG_STATE_HOME: join(home, "state"), DOCKER_HOST: noEngine },
      // Colours would stand between the words.
      ...{ NO_COLOR: "1", NODE: process.execPath, BALEEN: baleen },
      ...env,
    },
  });
  const reply = async (question: string | RegExp, answer: string) => {
    await terminal.expect(question, patienceMs);
    terminal.send(answer);
  };
  return { ...terminal, reply };
}

/** What came to the screen, without the sequences that move its cursor. */
export const plain = (screen: string) => stripVTControlCharacters(screen).replaceAll("\r", "");
