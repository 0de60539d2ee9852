/** The published form of what `baleen protocols` lists. */
import type { ProtocolOption } from "../../contracts/protocol.ts";
import type { ProgramFacts, ProtocolFacts } from "../../contracts/protocol-facts.ts";
import { present } from "../../core/documents/numbers.ts";

export function buildProtocolsJson(protocols: readonly ProtocolFacts[]) {
  return { schema: "baleen.protocols/1", protocols: protocols.map(protocolJson) };
}

function protocolJson(facts: ProtocolFacts) {
  return present({
    name: facts.name,
    title: facts.title,
    file: facts.file,
    programs: facts.programs.map(programJson),
    transports: facts.transports,
    commits: facts.commits,
    block_history: facts.blockHistory,
    metrics: facts.metrics,
    smallest_transaction_bytes: facts.smallestTransactionBytes,
    largest_transaction_bytes: facts.largestTransactionBytes,
    tolerated_faults_of_four: facts.toleratedOfFour,
    options: facts.options.map(optionJson),
  });
}

function programJson({ name, builtIn, binary, image }: ProgramFacts) {
  return present({ name, built_in: builtIn, binary, image });
}

/** Names as --protocol-option takes them. */
function optionJson({ name, meaning, allowed, default: usual, remoteDefault, tuned }: ProtocolOption) {
  const values =
    allowed.kind === "number"
      ? { kind: "number", least: allowed.least, most: allowed.most, whole: allowed.whole }
      : allowed.kind === "choice"
        ? { kind: "choice", choices: allowed.choices }
        : { kind: "text" };
  return present({
    name,
    meaning,
    default: usual,
    remote_default: remoteDefault,
    tuned_defaults: tuned,
    allowed: values,
  });
}
