import { transportKinds } from "../../contracts/load/transport.ts";
import { highestPort } from "../../core/address.ts";
import { type TuningField, tuningField } from "../../validator/wire/tuning.ts";
import { assertionList } from "./assertion.ts";
import { imageName } from "./host.ts";
import { nameRule, tagsRule } from "./labels.ts";
import { linkRules } from "./links.ts";
import { number, numberList, numberOr } from "./number.ts";
import { phasesRule, profileRule } from "./profile.ts";
import { protocolRule } from "./protocol-choice.ts";
import { protocolOptionRule } from "./protocol-option.ts";
import { boolean, choice, path, type Rule, text } from "./rule.ts";
import { varyRule } from "./vary.ts";

const week = 604_800;
const loadTerms = { unit: "tx/s", above: 0, atMost: 1_000_000 } as const;
const committee = number({ unit: "nodes", whole: true, atLeast: 1, atMost: 128 });
const loads = numberList(loadTerms, 1000);
const port = number({ unit: "", whole: true, atLeast: 1, atMost: highestPort });
const percent = number({ unit: "percent", atLeast: 0, atMost: 100 });

/** What validators take for a field of their tuning. */
function tuned({ allowed }: TuningField, unit = ""): Rule<number | string> {
  if (allowed.kind === "choice") return choice(...allowed.choices);
  return number({ unit, whole: true, atLeast: allowed.least, atMost: allowed.most });
}

/**
 * What every parameter of a sweep may be, by the option's name in camel case. The limits of a transaction's
 * size come from the protocol and are checked with it.
 */
export const rules = {
  name: nameRule,
  tag: tagsRule,
  vary: varyRule,
  networkType: choice("local", "remote", "both"),
  protocol: protocolRule,
  protocolOption: protocolOptionRule,
  nodeBinary: path,
  runtime: choice("auto", "docker", "process"),
  committee,
  localCommittee: committee,
  remoteCommittee: committee,
  allowNoFaults: boolean,
  loads,
  localLoads: loads,
  remoteLoads: loads,
  transactionRate: number(loadTerms),
  runs: number({ unit: "runs", whole: true, atLeast: 1, atMost: 1000 }),
  search: boolean,
  searchFrom: number(loadTerms),
  searchTo: number(loadTerms),
  searchPrecision: number({ unit: "percent", atLeast: 1, atMost: 100 }),
  searchEfficiency: number({ unit: "percent", atLeast: 1, atMost: 100 }),
  searchLatency: number({ unit: "milliseconds", above: 0, atMost: 3_600_000 }),
  searchBacklog: number({ unit: "percent", atLeast: 0, atMost: 100 }),
  duration: number({ unit: "seconds", above: 0, atMost: week }),
  numTransactions: number({ unit: "transactions", whole: true, atLeast: 1, atMost: 1_000_000_000 }),
  transactionSize: number({ unit: "bytes", whole: true, atLeast: 1, atMost: Number.MAX_SAFE_INTEGER }),
  warmUp: number({ unit: "seconds", atLeast: 0, atMost: week }),
  drain: number({ unit: "seconds", atLeast: 0, atMost: 3600 }),
  requestTimeout: number({ unit: "seconds", above: 0, atMost: 3600 }),
  maxInFlight: number({ unit: "requests", whole: true, atLeast: 1, atMost: 65_536 }),
  queueLimit: number({ unit: "transactions", whole: true, atLeast: 1, atMost: 16_777_216 }),
  transport: choice(...transportKinds),
  inFlightPerConnection: number({ unit: "requests", whole: true, atLeast: 1, atMost: 4096 }),
  batchSize: number({ unit: "transactions", whole: true, atLeast: 1, atMost: 4096 }),
  arrival: choice("constant", "poisson"),
  clients: numberOr("auto", { unit: "clients", whole: true, atLeast: 1, atMost: 256 }),
  pacing: choice("auto", "precise", "balanced", "eco"),
  profile: profileRule,
  phases: phasesRule,
  seed: text("a text", 256),
  startupWait: number({ unit: "seconds", above: 0, atMost: 3600 }),
  cleanup: boolean,
  cleanupThorough: boolean,
  keepNetwork: boolean,
  dockerComposePath: path,
  rpcPort: port,
  rpcBasePort: port,
  metricsBasePort: port,
  rpcTls: boolean,
  rpcCa: path,
  hosts: path,
  hostKeyPolicy: choice("strict", "accept-new", "insecure"),
  knownHosts: path,
  sshTimeout: number({ unit: "seconds", above: 0, atMost: 3600 }),
  rpcVia: choice("direct", "ssh"),
  clientPlacement: choice("coordinator", "colocated", "dedicated"),
  image: imageName,
  pull: boolean,
  nodeCpus: number({ unit: "CPUs", atLeast: 0.01, atMost: 1024 }),
  nodeMemory: number({ unit: "MiB", whole: true, atLeast: 64, atMost: 16_777_216 }),
  minRoundDelay: tuned(tuningField("consensus", "minRoundDelayMs"), "milliseconds"),
  leaderTimeout: tuned(tuningField("consensus", "leaderTimeoutMs"), "milliseconds"),
  leadersPerRound: tuned(tuningField("consensus", "leadersPerRound"), "leaders"),
  blockSize: tuned(tuningField("consensus", "blockSizeBytes"), "bytes"),
  mempoolSize: tuned(tuningField("mempool", "mostTransactions"), "transactions"),
  logSync: tuned(tuningField("log", "sync")),
  outputDir: path,
  fileOutput: boolean,
  strict: boolean,
  strictEnvironment: boolean,
  backgroundLimit: percent,
  stealLimit: percent,
  memoryPressureLimit: percent,
  disturbedLimit: percent,
  assert: assertionList,
  baseline: path,
  latenessFloorMs: number({ unit: "milliseconds", atLeast: 0, atMost: 60_000 }),
  latenessRatio: number({ unit: "", atLeast: 0, atMost: 1 }),
  achievedRatio: number({ unit: "", atLeast: 0, atMost: 1 }),
  faults: number({ unit: "nodes", whole: true, atLeast: 0, atMost: 128 }),
  crashRecovery: boolean,
  crashInterval: number({ unit: "seconds", atLeast: 1, atMost: week }),
  failover: boolean,
  allowNoQuorum: boolean,
  ...linkRules,
} as const;

export type ParameterName = keyof typeof rules;
