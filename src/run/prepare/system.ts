/** The system under test as a command line, a file or a bundle names it. */

import { createHash } from "node:crypto";
import { resolve } from "node:path";
import type { Protocol } from "../../contracts/protocol.ts";
import type {
  ChosenProtocol,
  DescriptionSource,
  ProtocolLimits,
  ProtocolReference,
} from "../../contracts/protocol-choice.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { whyNoProgram } from "../../core/process/find-program.ts";
import type { CheckedParameters, GivenParameters } from "../../options/checks/given.ts";
import { defaultParameters } from "../../options/defaults.ts";
import { limitsOfUnknown } from "../../options/rules/protocol-choice.ts";
import { openReader, show } from "../../options/rules/rule.ts";
import { rules } from "../../options/rules/rules.ts";
import { foreignPrograms } from "../../protocol/open.ts";
import { flowsWorkload } from "../workloads/flows/workload.ts";
import { messagesWorkload } from "../workloads/messages/workload.ts";
import { nativeWorkload } from "../workloads/native/workload.ts";
import { routinesWorkload } from "../workloads/routines/workload.ts";
import { transactionWorkload } from "../workloads/transactions/workload.ts";
import type { Workload } from "../workloads/workload.ts";
import type { Backend } from "./backend.ts";

/** What a sweep's options are checked against. */
export interface ChosenSystem {
  /** Absent where diagnostics leave none. */
  readonly protocol?: Protocol | undefined;
  readonly limits: ProtocolLimits;
  /** What was given, with the absolute path of the nodes' program. */
  readonly given: GivenParameters;
  readonly diagnostics: readonly Diagnostic[];
}

export interface CheckedSweep extends CheckedParameters {
  /** Absent where diagnostics leave none. */
  readonly protocol?: Protocol | undefined;
}

export type SystemCheck = (given: GivenParameters, limits: ProtocolLimits) => CheckedParameters;

export type SystemBackend = Pick<Backend, "openProtocol" | "findProgram" | "clientRuntime">;

const usual: ProtocolReference = { kind: "name", name: defaultParameters.protocol.name };

/** Opens the protocol that is asked for, and finds the program that is named. Starts nothing. */
export function chooseSystem(given: GivenParameters, backend: SystemBackend): ChosenSystem {
  const reader = openReader();
  const reference = reader.read(rules.protocol, given.protocol, undefined);
  const found = findNodeBinary(given, backend);
  if (given.protocol !== undefined && reference === undefined) {
    const limits = limitsOfUnknown({ name: "the protocol", observesCommits: true });
    return { limits, given: found.given, diagnostics: [...reader.diagnostics, ...found.diagnostics] };
  }
  const { protocol, diagnostics } = backend.openProtocol(reference ?? usual);
  const named = diagnostics.map(({ code, message }) => ({
    code,
    // Those of a file name it themselves, with the line.
    message: reference?.kind === "file" ? message : `${given.protocol?.name ?? "protocol"}: ${message}`,
  }));
  const limits = limitsOf(protocol, reference ?? usual);
  return { protocol, limits, given: found.given, diagnostics: [...named, ...found.diagnostics] };
}

/** Chooses the system, and checks what was given of a sweep over it. All diagnostics of both. */
export function checkSystem(
  given: GivenParameters,
  backend: SystemBackend,
  check: SystemCheck,
): CheckedSweep {
  const system = chooseSystem(given, backend);
  const { parameters, diagnostics } = check(system.given, system.limits);
  return { protocol: system.protocol, parameters, diagnostics: [...system.diagnostics, ...diagnostics] };
}

/** Of a bundle's system, as far as it is known here. */
export function limitsOfKept(kept: ChosenProtocol, backend: Pick<Backend, "openProtocol">): ProtocolLimits {
  const reference = { kind: "kept", ...kept } as const;
  return limitsOf(backend.openProtocol(reference).protocol, reference);
}

function limitsOf(protocol: Protocol | undefined, reference: ProtocolReference): ProtocolLimits {
  if (protocol === undefined) {
    if (reference.kind === "kept") return limitsOfUnknown(reference);
    const name = reference.kind === "name" ? reference.name : "the protocol";
    return limitsOfUnknown({ name, observesCommits: true });
  }
  return {
    ...protocol,
    described: sourceOf(protocol, reference),
    foreignPrograms: foreignPrograms(protocol),
  };
}

function sourceOf({ definition }: Protocol, reference: ProtocolReference): DescriptionSource | undefined {
  if (reference.kind === "kept") return reference.described;
  if (reference.kind === "name") return undefined;
  const { path: file, text } = reference;
  return { file, sha256: createHash("sha256").update(text).digest("hex"), definition };
}

/** A path counts from where the command is run; a name is looked for as a shell would. */
function findNodeBinary(
  given: GivenParameters,
  { findProgram, clientRuntime }: SystemBackend,
): Pick<ChosenSystem, "given" | "diagnostics"> {
  const { nodeBinary } = given;
  // What else it may be is told where it is checked.
  if (typeof nodeBinary?.value !== "string" || nodeBinary.value === "") return { given, diagnostics: [] };
  const { value, name } = nodeBinary;
  const withPath = (path: string) => ({ ...given, nodeBinary: { ...nodeBinary, value: path } });
  const isName = !/[/\\]/.test(value);
  const path = isName ? findProgram(value) : resolve(value);
  const why =
    path === undefined ? `not found on PATH. Use its path, such as ./${value}.` : whyNoProgram(path);
  if (path !== undefined && why === undefined) return { given: withPath(path), diagnostics: [] };
  const message = `${name} ${show(value)}: ${why}`;
  // One that there is stands in its place, so that whoever looks at the program next does not tell it again.
  return { given: withPath(clientRuntime.nodeBinary), diagnostics: [{ code: "node-binary", message }] };
}

/** Its own, where the nodes of the system make the load. */
export function workloadOf(protocol: Protocol | undefined): Workload {
  if (protocol?.messages !== undefined) return messagesWorkload;
  if (protocol?.routines !== undefined) return routinesWorkload;
  if (protocol?.flows !== undefined) return flowsWorkload;
  return protocol?.native === undefined ? transactionWorkload : nativeWorkload;
}
