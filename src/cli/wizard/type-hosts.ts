import type { RemoteParameters } from "../../contracts/parameters.ts";
import { isLoopback } from "../../core/address.ts";
import { formatYaml } from "../../core/documents/yaml.ts";
import type { Diagnostic } from "../../core/errors.ts";
import { parseJumps } from "../../deploy/ssh/config/config-file.ts";
import { lookAtHosts } from "./look-at-hosts.ts";
import { describeDiagnostics, notify, type WizardSetting } from "./setting.ts";

/** How hosts are reached; without `remote` where anything about them is wrong. */
export interface DescribedHosts {
  readonly remote?: RemoteParameters;
  readonly diagnostics: readonly Diagnostic[];
}

/** How hosts are typed in. */
interface Typing {
  readonly setting: WizardSetting;
  readonly remoteWith: (hosts: readonly TypedHost[]) => DescribedHosts;
}

/**
 * Lets hosts be typed in, each looked at before the next.
 * @param before those there are
 * @param most there is a node for each host
 * @returns undefined: none
 */
export async function typeHosts(
  before: readonly TypedHost[],
  most: number,
  typing: Typing,
): Promise<readonly TypedHost[] | undefined> {
  const hosts = before.slice(0, most);
  for (const host of hosts) notify(typing.setting.context, `Already entered: ${formatHostLine(host)}`);
  while (hosts.length < most) {
    const host = await typeHost(hosts, typing);
    if (host === "none") break;
    if (host !== "dropped") hosts.push(host);
    if (hosts.length > 1) await askPrivateAddresses(hosts, typing);
  }
  return hosts.length === 0 ? undefined : hosts;
}

/** Hosts at loopback addresses are not reached there by the others; asked once there are others. */
async function askPrivateAddresses(hosts: TypedHost[], { setting, remoteWith }: Typing): Promise<void> {
  for (const [index, host] of hosts.entries()) {
    if (host.privateAddress !== undefined || !isLoopback(host.address)) continue;
    const withText = (text: string) => ({ ...host, privateAddress: text.trim() });
    const check = (text: string) => {
      if (isLoopback(text.trim()))
        return "This is a loopback address too. Enter one that the other hosts can reach.";
      return describeDiagnostics(remoteWith(hosts.with(index, withText(text))).diagnostics);
    };
    const question = `host${index} has a loopback address. At which address can the other hosts reach it?`;
    hosts[index] = withText(await setting.dialogue.text(question, { check }));
  }
}

async function typeHost(
  others: readonly TypedHost[],
  typing: Typing,
): Promise<TypedHost | "none" | "dropped"> {
  const { setting, remoteWith } = typing;
  let host: TypedHost | undefined;
  for (;;) {
    const line = await askLine(others, host, typing);
    if (line === undefined) return "none";
    // The next host is most often reached as the one before it.
    const last = host ?? others.at(-1);
    const asksAll = host !== undefined || last === undefined;
    host = { ...line, keyFile: last?.keyFile, jump: last?.jump };
    if (asksAll) host = await askWay(host, others, typing);
    for (;;) {
      const { remote } = remoteWith([...others, host]);
      const own = remote?.hosts[others.length];
      if (remote === undefined || own === undefined) throw new TypeError("a host that was checked is none");
      if ((await lookAtHosts({ ...remote, hosts: [own], clientHosts: [] }, setting)).length === 0)
        return host;
      const choices = [
        { value: "correct", name: "Correct the entry" },
        { value: "again", name: "Try it again" },
        { value: "drop", name: "Drop this host" },
      ];
      const next = await setting.dialogue.choose("This host is not ready:", { choices });
      if (next === "drop") return "dropped";
      if (next === "correct") break;
    }
  }
}

/** @param host as it was typed before @returns undefined where no more hosts are to come */
async function askLine(
  others: readonly TypedHost[],
  host: TypedHost | undefined,
  { setting, remoteWith }: Typing,
): Promise<ReturnType<typeof parseHostLine>> {
  const mayEnd = host === undefined && others.length > 0;
  const more = mayEnd ? "; empty: no more hosts" : "";
  const check = (text: string) => {
    if (text === "" && mayEnd) return undefined;
    const line = parseHostLine(text);
    if (line === undefined)
      return "Enter [user@]address[:port], such as ubuntu@10.0.1.10 or node0.example.com:2222.";
    const { remote, diagnostics } = remoteWith([...others, line]);
    if (diagnostics.length > 0) return describeDiagnostics(diagnostics);
    return remote?.hosts.length === others.length + 1
      ? undefined
      : `${line.address} is already one of the hosts. Enter another one.`;
  };
  const answer = await setting.dialogue.text(`host${others.length}, [user@]address[:port]${more}:`, {
    usual: host && formatHostLine(host),
    check: (text) => check(text.trim()),
  });
  return parseHostLine(answer.trim());
}

/** What an answer that says nothing of its own is. */
const usualWay = "default";

async function askWay(
  host: TypedHost,
  others: readonly TypedHost[],
  { setting, remoteWith }: Typing,
): Promise<TypedHost> {
  const ask = async (field: "keyFile" | "jump", message: string, from: TypedHost): Promise<TypedHost> => {
    const withText = (text: string): TypedHost => ({
      ...from,
      [field]: text.trim() === usualWay || text.trim() === "" ? undefined : text.trim(),
    });
    const check = (text: string) => describeDiagnostics(remoteWith([...others, withText(text)]).diagnostics);
    return withText(await setting.dialogue.text(message, { usual: from[field] ?? usualWay, check }));
  };
  const withKey = await ask("keyFile", "Private key (PATH; default: the one ssh would use)", host);
  return await ask("jump", "Jump host ([user@]host[:port]; default: from ~/.ssh/config)", withKey);
}

/** A host as it was typed; what is left out follows from ~/.ssh/config and the defaults. */
export interface TypedHost {
  readonly address: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
  readonly keyFile?: string | undefined;
  readonly jump?: string | undefined;
  /** Where the other hosts reach it; left out where that is `address`. */
  readonly privateAddress?: string | undefined;
}

/** `[user@]address[:port]`; undefined where the text is none. */
export function parseHostLine(text: string): Pick<TypedHost, "address" | "user" | "port"> | undefined {
  const [hop, ...more] = parseJumps(text) ?? [];
  if (hop === undefined || more.length > 0) return undefined;
  return { address: hop.host, user: hop.user, port: hop.port };
}

/** As it could have been typed. */
export function formatHostLine({ address, user, port }: TypedHost): string {
  const host = port !== undefined && address.includes(":") ? `[${address}]` : address;
  return `${user === undefined ? "" : `${user}@`}${host}${port === undefined ? "" : `:${port}`}`;
}

/** A file of these hosts, for `--hosts`; each may hold as many nodes as make so many. */
export function formatHostsFile(hosts: readonly TypedHost[], nodes: number): string {
  const each = Math.ceil(nodes / Math.max(1, hosts.length));
  const described = hosts.map(({ address, user, port, keyFile, jump, privateAddress }) => ({
    address,
    private_address: privateAddress,
    user,
    port,
    key: keyFile,
    jump,
    nodes: each > 1 ? each : undefined,
  }));
  // What is undefined is left out of it.
  return `# Hosts of a remote network, for --hosts. Check them with: baleen hosts check\n${formatYaml({ hosts: described })}`;
}
