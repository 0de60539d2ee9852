import type { Program } from "../contracts/deployment.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { ProgramFacts, ProtocolFacts } from "../contracts/protocol-facts.ts";
import { programsOf } from "./open.ts";

/** What can be said of a protocol before anything runs. @param file that describes it */
export function protocolFacts(protocol: Protocol, file?: string): ProtocolFacts {
  const { name, title, options, submission, transactions, history, metrics, toleratedFaults } = protocol;
  const { smallestBytes, largestBytes } = transactions;
  return {
    name,
    title,
    file,
    programs: (programsOf(protocol) ?? []).map(describeProgram),
    transports: [
      "http",
      ...(submission.batch === undefined ? [] : (["http-batch"] as const)),
      ...(submission.webSocket === undefined ? [] : (["websocket"] as const)),
    ],
    commits: commitsOf(protocol),
    blockHistory: history === undefined ? "none" : history.chained ? "chained" : "single",
    metrics: metrics !== undefined,
    smallestTransactionBytes: smallestBytes,
    largestTransactionBytes: largestBytes,
    toleratedOfFour: toleratedFaults(4),
    options,
  };
}

/** The built-in ones are told; what a user describes says itself how. */
function commitsOf({ observeCommits, definition }: Protocol): ProtocolFacts["commits"] {
  if (observeCommits === undefined) return "none";
  const { commits } = (definition ?? {}) as { readonly commits?: { readonly by?: unknown } };
  return commits?.by === "polling" ? "polled" : "streamed";
}

function describeProgram(program: Program): ProgramFacts {
  const { name } = program;
  if (program.kind === "node-program") return { name, builtIn: true };
  const { path, image } = program;
  return { name, builtIn: false, binary: path ?? name, image };
}
