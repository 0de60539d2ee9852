import type { Protocol } from "../contracts/protocol.ts";
import { browsers } from "./browsers/browsers.ts";
import { cometbft } from "./cometbft/cometbft.ts";
import { ethereum } from "./ethereum/ethereum.ts";
import { flows } from "./flows/flows.ts";
import { mesh } from "./mesh.ts";
import { mysticeti } from "./mysticeti.ts";

/** Every system under test that is known by name. */
export const protocols: readonly Protocol[] = [mysticeti, cometbft, ethereum, mesh, browsers, flows];

/** undefined where none has this name. */
export function findProtocol(name: string): Protocol | undefined {
  return protocols.find((protocol) => protocol.name === name);
}
