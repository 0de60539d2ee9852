/** What a host's address, user, key and so on may be. None of them ever reaches a shell unquoted; these are for people. */

import { isIPv4, isIPv6 } from "node:net";
import { coordinatorName } from "../../contracts/hosts/host-load.ts";
import { highestPort, parsePort } from "../../core/address.ts";
import { number } from "./number.ts";
import { type Rule, refusal, show, valueRule } from "./rule.ts";

/** A label of RFC 1123, or with underscores, as internal names often have them. */
const label = /^[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/;
const zoneId = /^[A-Za-z0-9._-]{1,32}$/;
const userName = /^[A-Za-z0-9_][A-Za-z0-9._@+-]{0,127}$/;

/** The address without brackets, or undefined where it is none. */
function parseAddress(text: string): string | undefined {
  const bare = /^\[(.*)\]$/.exec(text)?.[1];
  const address = bare ?? text;
  if (isIPv6(address)) {
    const zone = address.split("%", 2)[1];
    return zone === undefined || zoneId.test(zone) ? address : undefined;
  }
  if (bare !== undefined || address.length > 253) return undefined;
  if (isIPv4(address)) return address;
  const labels = address.split(".");
  // 10.0.0.300 is a mistyped address, not a name.
  if (/^\d*$/.test(labels.at(-1) ?? "")) return undefined;
  return labels.every((one) => label.test(one)) ? address : undefined;
}

/** Two spellings of one address are the same text. */
export function canonicalAddress(address: string): string {
  if (!isIPv6(address)) return address.toLowerCase();
  const [literal, zone] = address.split("%", 2);
  const canonical = new URL(`http://[${literal}]`).hostname.slice(1, -1);
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}

/** `[user@]host[:port]`, IPv6 in brackets where a port follows. */
function isHop(text: string): boolean {
  const at = text.lastIndexOf("@");
  if (at >= 0 && !userName.test(text.slice(0, at))) return false;
  const place = text.slice(at + 1);
  if (parseAddress(place) !== undefined) return true;
  const [, host, port] = /^(.+):(\d+)$/.exec(place) ?? [];
  if (host === undefined || port === undefined) return false;
  const bareIpv6 = host.includes(":") && !host.startsWith("[");
  return !bareIpv6 && parseAddress(host) !== undefined && parsePort(port) !== undefined;
}

function textRule<T>(
  terms: Pick<Rule<T>, "expected"> & {
    readonly parse: (text: string) => T | undefined;
    readonly hidden?: boolean;
  },
): Rule<T> {
  return valueRule({
    ...terms,
    parse: (value) => {
      const text = typeof value === "number" ? String(value) : value;
      return typeof text === "string" ? terms.parse(text) : undefined;
    },
  });
}

const matching = (pattern: RegExp) => (text: string) => (pattern.test(text) ? text : undefined);

const anyHostName = textRule({
  expected: "a name of letters, digits, dots, dashes and underscores, at most 63",
  parse: matching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,62}$/),
});

/** Two machines of one name would be one in the results. */
const hostName: Rule<string> = {
  ...anyHostName,
  read: (given) => {
    if (given.value !== coordinatorName) return anyHostName.read(given);
    const reason = `${show(coordinatorName)} is the name of this machine in the results`;
    return refusal(given, reason, "another name, such as host0");
  },
};

export const hostRules = {
  name: hostName,
  address: textRule({
    expected: "a host name, or an IPv4 or IPv6 address (user and port have their own keys)",
    parse: parseAddress,
  }),
  port: number({ unit: "", whole: true, atLeast: 1, atMost: highestPort }),
  user: textRule({
    expected: "a user name of letters, digits and . _ - + @",
    parse: matching(userName),
  }),
  keyFile: textRule({
    expected: "the path of a private key, on one line",
    parse: matching(/^[^\0\r\n]{1,4096}$/),
    hidden: true,
  }),
  jump: textRule({
    expected: "[user@]host[:port], several separated by commas, or none",
    parse: (text) => (text.split(",").every(isHop) ? text : undefined),
  }),
  region: textRule({
    expected: "a short text of at most 64 printable characters",
    parse: matching(/^[\p{L}\p{N}\p{P}\p{S} ]{1,64}$/u),
    hidden: true,
  }),
} as const;

/** Reference of an image, as Docker writes it. */
export const imageName = textRule({
  expected: "the name of an image, such as registry.example.com/team/node:1.2",
  parse: matching(/^[a-z0-9][A-Za-z0-9._:/@-]{0,254}$/),
});

/** Which nodes run on a host: so many, or just these. */
export type NodeClaim = { readonly slots: number } | { readonly numbers: readonly number[] };

const isCount = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

export const nodeClaim = valueRule<NodeClaim>({
  expected: "the number of nodes on this host (1 to 128), or a list of their numbers (0 to 127), each once",
  parse: (shown) => {
    // What a variable stands for is text.
    const value = typeof shown === "string" && /^\d{1,3}$/.test(shown) ? Number(shown) : shown;
    if (isCount(value, 1, 128)) return { slots: value };
    const good =
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((item) => isCount(item, 0, 127)) &&
      new Set(value).size === value.length;
    return good ? { numbers: value as number[] } : undefined;
  },
});
