import type { LinkMechanism } from "../../contracts/links/shaping.ts";
import { BaleenError } from "../../core/errors.ts";
import type { Environment } from "../../core/process/environment.ts";
import { startLinkChild } from "./child.ts";
import { mtuBytes, shaperEntry } from "./program.ts";
import { ShapingSession } from "./session.ts";

/** Two mechanisms, each with a few commands that end within 10 s. */
const trialTimeoutMs = 30_000;

interface ShaperTrial {
  readonly nodeBinary: string;
  readonly env: Environment;
  /** undefined: either. */
  readonly mechanism: Exclude<LinkMechanism, "relay"> | undefined;
}

/**
 * Tries whether the kernel of this machine can shape links: a shaper without nodes, which sets up what it needs in a
 * namespace of its own and leaves nothing.
 *
 * @returns why it cannot, without a period; undefined where it can
 */
export async function whyNotShaped({ nodeBinary, env, mechanism }: ShaperTrial): Promise<string | undefined> {
  try {
    const child = await startLinkChild({ argv: [nodeBinary, shaperEntry], env });
    const listener = { second: () => {}, failure: () => {} };
    await using session = new ShapingSession(child, "the link shaper", listener);
    const nothing = { places: [], links: [], exemptPorts: [], bareEchoes: 0 };
    await session.ask(
      { type: "open", seed: "", mtuBytes, ...nothing, ...(mechanism === undefined ? {} : { mechanism }) },
      { timeoutMs: trialTimeoutMs, signal: new AbortController().signal },
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error;
    return error.message.replaceAll(/\.?\n/g, "; ").replace(/\.$/, "");
  }
}
