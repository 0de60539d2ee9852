import type { PlacedProcess } from "../../contracts/deployment.ts";
import {
  type PipedChildEnd,
  type PipedChildOptions,
  startPipedChild,
} from "../../core/process/piped-child.ts";

/** Between the end of its input and SIGKILL: it removes its rules and releases packets. */
const graceMs = 3000;

export interface LinkChild extends PlacedProcess {
  readonly pid: number;
}

/** Starts a process of this machine that shapes. It ends with its input. @throws CommandError */
export async function startLinkChild(options: PipedChildOptions): Promise<LinkChild> {
  const { pid, stdin, stdout, ended, stop } = await startPipedChild(options);
  return {
    ...{ pid, stdin, stdout },
    ended: ended.then(describeEnd),
    [Symbol.asyncDispose]: () => {
      // Unread output would keep it from ending.
      stdout.resume();
      return stop({ graceMs });
    },
  };
}

function describeEnd({ exitCode, signal, stderrTail }: PipedChildEnd): string {
  const how =
    signal === null ? `its process ended with exit code ${exitCode}` : `its process was ended by ${signal}`;
  const said = stderrTail.trim();
  return said === "" ? how : `${how}: ${said}`;
}
