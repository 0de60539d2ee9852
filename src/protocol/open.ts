/** Adapters by what users call them, and what can be said of one before anything runs. */
import { dirname, resolve } from "node:path";
import type { Program } from "../contracts/deployment.ts";
import type { Protocol } from "../contracts/protocol.ts";
import type { ProtocolReference } from "../contracts/protocol-choice.ts";
import type { ProgramFacts, ProtocolFacts } from "../contracts/protocol-facts.ts";
import { BaleenError } from "../core/errors.ts";
import { suggestion } from "../core/text/nearest.ts";
import { buildCustomProtocol, type OpenedProtocol, parseCustomProtocol } from "./custom/custom.ts";
import type { FindProgram } from "./custom/plan.ts";
import { buildFlowsProtocol, parseFlowsProtocol } from "./flows/describe.ts";
import { isFlowsFile, isFlowsText } from "./flows/parse.ts";
import { findProtocol, protocols } from "./registry.ts";

export type { FindProgram, OpenedProtocol };

/** The adapter of a name, of a description's text, or of what a bundle kept of one. Reads no files. */
export function openProtocol(reference: ProtocolReference, findProgram?: FindProgram): OpenedProtocol {
  if (reference.kind === "file") {
    const { path: file, text } = reference;
    if (isFlowsText(text)) return withOwnName(parseFlowsProtocol(text, file), file);
    return withOwnName(
      parseCustomProtocol(text, { file, folder: dirname(resolve(file)), findProgram }),
      file,
    );
  }
  if (reference.kind === "kept" && reference.described !== undefined) {
    const { definition } = reference.described;
    return isFlowsFile(definition)
      ? buildFlowsProtocol(definition)
      : buildCustomProtocol(definition, findProgram);
  }
  const { name } = reference;
  const protocol = findProtocol(name);
  if (protocol !== undefined) return { protocol, diagnostics: [] };
  const known = protocols.map((one) => one.name);
  const remedy = suggestion(name, known) || ` There are ${known.join(" and ")}.`;
  const message = `unknown protocol ${JSON.stringify(name)}.${remedy} Refer to a description by its path: ./${name}.yaml.`;
  return { diagnostics: [{ code: "unknown-protocol", message }] };
}

/** What is called like one of ours would be taken for it in results. */
function withOwnName(opened: OpenedProtocol, file: string): OpenedProtocol {
  const { protocol } = opened;
  if (protocol === undefined || findProtocol(protocol.name) === undefined) return opened;
  const message = `${file}: ${protocol.name} is the name of a built-in protocol. Choose another name.`;
  return { diagnostics: [...opened.diagnostics, { code: "protocol-name", message }] };
}

/**
 * What the nodes of a committee of four run, or of one where there are no four, each program once; undefined where they
 * cannot be planned as they are.
 */
export function programsOf(protocol: Protocol): readonly Program[] | undefined {
  return programsOfCommittee(protocol, 4) ?? programsOfCommittee(protocol, 1);
}

function programsOfCommittee(protocol: Protocol, nodes: number): readonly Program[] | undefined {
  try {
    const { groups } = protocol.plan({ nodes, options: {} });
    return [...new Map(groups.map(({ program }) => [program.name, program])).values()];
  } catch (error) {
    if (!(error instanceof BaleenError)) throw error;
    return undefined;
  }
}

/** Names of those that are not part of this package. */
export function foreignPrograms(protocol: Protocol): readonly string[] | undefined {
  return programsOf(protocol)
    ?.filter(({ kind }) => kind === "foreign-program")
    .map(({ name }) => name);
}

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
