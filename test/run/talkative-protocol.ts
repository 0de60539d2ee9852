/** The stand-ins' protocol, as somebody left it who looked for something. */
import type { Protocol } from "../../src/contracts/protocol.ts";
import { standIn } from "./driven.ts";

process.stdout.write("loaded\n");

export const talkative: Protocol = { ...standIn, module: import.meta.url };
export const protocols: readonly Protocol[] = [talkative];
