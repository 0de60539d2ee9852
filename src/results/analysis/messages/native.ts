/** What messages come to in the figures that all loads of nodes have. Pure. */
import type { NativeFigures } from "../../../contracts/results/native/native.ts";
import type { FoundMessages } from "./figures.ts";

/** A message counts as committed once every other peer that was up at the end can read it. */
export function figuresOfMessages(
  { messages, everywhere }: FoundMessages,
  windowSecs: number,
): NativeFigures {
  const committed = everywhere.reduce((sum, count) => sum + count, 0);
  return {
    committed,
    throughputTps: committed / windowSecs,
    submitted: messages.written,
    submittedTps: messages.written / windowSecs,
    notShown: [],
    nodes: [],
    seconds: messages.seconds.map(({ second, written }) => ({
      second,
      submitted: written,
      committed: everywhere[second],
    })),
    messages,
  };
}
