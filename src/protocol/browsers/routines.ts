/** What the routines of a test are, and which peer has which. Pure. */
import { builtInRoutines, isBuiltInRoutine } from "../../contracts/peer-tests/routines.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { noneNamed } from "./programs.ts";

/** What a peer sends where no load is given, messages a second: the usual routine's rate, also of one that is not ours. */
export const usualMessagesPerSec = builtInRoutines.comms;

/** Names in `routines`, in their order. */
const routinesOf = (value: unknown): readonly string[] =>
  String(value)
    .split(",")
    .map((name) => name.trim());

/** The routine of each peer, and how many of them send. */
export function dealRoutines(routines: string, peers: number) {
  const names = routinesOf(routines);
  const dealt = Array.from({ length: peers }, (_, place) => names[place % names.length] ?? "");
  return { dealt, senders: dealt.filter((name) => name !== "listen").length };
}

/** @param file the option `routineFile`, whose name is that of its routine */
export function routineDiagnostics(routines: string, file: unknown, senders: number): Diagnostic[] {
  const ownName =
    typeof file === "string" && file !== noneNamed
      ? (/([^/\\]+?)(?:\.\w+)?$/.exec(file)?.[1] ?? "")
      : undefined;
  const unknown = routinesOf(routines).filter((name) => !isBuiltInRoutine(name) && name !== ownName);
  const known = [...Object.keys(builtInRoutines), ...(ownName === undefined ? [] : [ownName])].join(", ");
  return [
    ...unknown.map(
      (name): Diagnostic => ({
        code: "protocol-option",
        message: `routines: there is no routine ${JSON.stringify(name)}. Use ${known}, or add one of your own with routineFile.`,
      }),
    ),
    ...(unknown.length === 0 && senders === 0
      ? [
          {
            code: "protocol-option" as const,
            message: "routines: no peer sends anything. Add another routine than listen.",
          },
        ]
      : []),
  ];
}
