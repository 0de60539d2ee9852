import type { PeerEvent } from "../../src/contracts/load/peer-events.ts";
import type { NativeResult } from "../../src/contracts/results/native/native.ts";
import { figuresOf, read, write } from "./analysis/messages/told.ts";
import { nativeRun } from "./sample-native.ts";

const seconds = 10;

/** A message each second, which the other peer reads. */
const told = (name: string, other: string): PeerEvent[] =>
  Array.from({ length: seconds }, (_, second) => [
    write(second * 1000, `${name}${second}`),
    read(second * 1000 + 20, other, `${other}${second}`),
  ]).flat();

const { messages } = figuresOf(
  { node0: told("node0", "node1"), node1: told("node1", "node0") },
  { facts: () => ({ connections: 1 }) },
);

/** Two peers, connected to each other. */
export const messagesRun: NativeResult = {
  ...nativeRun,
  parameters: { ...nativeRun.parameters, loadTps: 2, durationSecs: seconds },
  figures: { ...nativeRun.figures, messages },
};
