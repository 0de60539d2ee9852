/** What there is to log in to hosts with, and how they were found. */
import type { HostAddress, HostSpec } from "../../contracts/hosts/host.ts";
import type { HostReport } from "../../contracts/hosts/host-report.ts";
import { type Diagnostic, describeError } from "../../core/errors.ts";
import { formatArgv } from "../../core/process/command.ts";
import { type KeyFileReading, readAgent, readKey, whyExposed } from "../../deploy/ssh/keys/keys.ts";
import { asFindings, type Diagnosis, type Finding, type Judgement } from "../run-checks.ts";

type AgentLook =
  | { readonly state: "none" }
  | { readonly state: "silent"; readonly socketPath: string; readonly why: string }
  | { readonly state: "answers"; readonly blobs: readonly Buffer[] };

export interface KeyFacts {
  readonly agent: AgentLook;
  /** Each file that is named, or the usual one, once. */
  readonly files: readonly KeyFileReading[];
  /** Hosts, and the files that are tried there; none: hosts were not named. */
  readonly logins: readonly { readonly host: string; readonly files: readonly string[] }[];
}

export function judgeKeys({ agent, files, logins }: KeyFacts): Judgement {
  const held = agent.state === "answers" ? agent.blobs : [];
  const findings: Finding[] = files.flatMap((file) => judgeFile(file, held, logins.length > 0));
  if (agent.state === "silent") {
    const message = `The ssh-agent at ${agent.socketPath} does not answer: ${agent.why}. Start another one:`;
    findings.push({ severity: "warning", code: "ssh-agent", message, command: 'eval "$(ssh-agent -s)"' });
  }
  const isUsable = (path: string) => files.some(({ file, state }) => file === path && state !== "unusable");
  const locked = held.length > 0 ? [] : logins.filter((login) => !login.files.some(isUsable));
  if (locked.length > 0) {
    const hosts = locked.map(({ host }) => host).join(", ");
    const message = `There is no key to log in to ${hosts}. Name a file (MYSTICETI_NODE…_SSH_KEY, or key: in a YAML file), or add a key to the agent:`;
    findings.push({ severity: "fault", code: "ssh-key-missing", message, command: "ssh-add" });
  }
  return { summary: summarize(files, agent), findings };
}

function judgeFile(reading: KeyFileReading, held: readonly Buffer[], isWanted: boolean): readonly Finding[] {
  const { file } = reading;
  if (reading.state === "unusable") {
    if (!isWanted) return [];
    const message = `The key ${file} ${reading.why}. Name another key (MYSTICETI_NODE…_SSH_KEY), or fix this one.`;
    return [{ severity: "warning", code: reading.code, message }];
  }
  const exposed = whyExposed(file, reading.mode);
  const isHeld = held.some((blob) => reading.blob?.equals(blob));
  const command = formatArgv(["ssh-add", file]);
  const message = `The key ${file} is encrypted, and the agent does not hold it: each command asks for its passphrase, which requires a terminal. Add it to the agent: ${command}`;
  const findings: Finding[] = exposed === undefined ? [] : [{ ...exposed, severity: "warning" }];
  if (reading.state !== "ready" && !isHeld) {
    findings.push({ severity: "warning", code: "key-encrypted", message, command });
  }
  return findings;
}

function summarize(files: readonly KeyFileReading[], agent: AgentLook): string {
  const usable = files.filter(({ state }) => state !== "unusable").length;
  const agentHas = {
    none: "no agent",
    silent: "an agent that does not answer",
    answers: `${agent.state === "answers" ? agent.blobs.length : 0} in the agent`,
  }[agent.state];
  const inFiles = usable === 0 ? "no key file" : `${usable} key ${usable === 1 ? "file" : "files"}`;
  return `${inFiles}, ${agentHas}`;
}

/** @param usualFile looked at where no hosts are named */
export async function readKeys(
  hosts: readonly HostSpec[],
  usualFile: string,
  agentSocket: string | undefined,
): Promise<KeyFacts> {
  const logins = hosts.flatMap(({ name, address }) => listLogins(name, address));
  const named = logins.length === 0 ? [usualFile] : logins.flatMap(({ files }) => files);
  const [agent, ...files] = await Promise.all([askAgent(agentSocket), ...[...new Set(named)].map(readKey)]);
  return { agent, files, logins };
}

/** On the way to a host, and there. */
function listLogins(host: string, { jump, keyFiles }: HostAddress): KeyFacts["logins"] {
  const way = jump === undefined ? [] : listLogins(`${host}'s jump host`, jump);
  return [...way, { host, files: keyFiles }];
}

async function askAgent(socketPath: string | undefined): Promise<AgentLook> {
  if (socketPath === undefined || socketPath === "") return { state: "none" };
  try {
    const { blobs } = await readAgent(socketPath, () => false);
    return { state: "answers", blobs };
  } catch (error) {
    return { state: "silent", socketPath, why: describeError(error) };
  }
}

/**
 * What `hosts check` tells of a host, as a diagnosis.
 *
 * @param acceptsNew a run would note the key of a host that was never seen; looking must not
 */
export function judgeHost(
  { name, address, facts, diagnostics, notes }: HostReport,
  acceptsNew: boolean,
): Diagnosis {
  const isHarmless = ({ code }: Diagnostic) => acceptsNew && code === "host-key-unknown";
  const reported = facts.map(([fact, value]) => `${fact} ${value}`);
  return {
    name: `Host ${name}`,
    summary: [address, ...reported].join(", "),
    findings: [
      ...diagnostics.flatMap((one) => asFindings(isHarmless(one) ? "warning" : "fault", [one])),
      ...notes.map((message): Finding => ({ severity: "warning", code: "host-note", message })),
    ],
  };
}
