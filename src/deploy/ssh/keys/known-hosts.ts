/** What files of known hosts say of a host's key. Pure: texts in, verdicts out. */
import { createHash, createHmac } from "node:crypto";
import type { HostAddress } from "../../../contracts/hosts/host.ts";
import { fitsPatterns } from "../config/config-file.ts";

/** A public key of a server, as it comes in the key exchange. */
export interface HostKey {
  /** "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", … */
  readonly type: string;
  /** RFC 4253, 6.6: the type and the numbers. */
  readonly blob: Buffer;
}

/** A host as known_hosts names it: the address that SSH goes to. */
export type KnownHostName = Pick<HostAddress, "host" | "port">;

export interface KnownHostLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly marker: (typeof markers)[number] | undefined;
  /** The names' field as it stands there: patterns, or one hashed name. */
  readonly names: string;
  readonly key: HostKey;
}

type HostKeyVerdict =
  | { readonly state: "known" }
  /** No line is about this host. */
  | { readonly state: "unknown" }
  /** Lines are about this host, and none has this key. */
  | { readonly state: "changed"; readonly lines: readonly KnownHostLine[] }
  | { readonly state: "revoked"; readonly line: KnownHostLine };

const markers = ["@revoked", "@cert-authority"] as const;

/**
 * Parses a file of known hosts. Comments, and lines that OpenSSH would not read either, yield nothing.
 *
 * @see sshd(8), SSH_KNOWN_HOSTS FILE FORMAT
 */
export function parseKnownHosts(text: string, file: string): KnownHostLine[] {
  return text.split(/\r?\n/).flatMap((content, index) => {
    const fields = content.trim().split(/[ \t]+/);
    const first = fields[0] ?? "";
    if (first === "" || first.startsWith("#")) return [];
    const marker = markers.find((known) => known === first);
    if (first.startsWith("@") && marker === undefined) return [];
    const [names = "", type = "", encoded = ""] = marker === undefined ? fields : fields.slice(1);
    const blob = Buffer.from(encoded, "base64");
    if (readKeyType(blob) !== type) return [];
    return [{ file, line: index + 1, marker, names, key: { type, blob } }];
  });
}

/** The key type that a key's bytes begin with; undefined where they are no key. */
export function readKeyType(blob: Buffer): string | undefined {
  if (blob.length < 4) return undefined;
  const end = 4 + blob.readUInt32BE(0);
  return end > 4 && end <= blob.length ? blob.toString("latin1", 4, end) : undefined;
}

/** Lines about a host that name its own keys (no authorities, no revoked ones). */
export function findKnownHost(lines: readonly KnownHostLine[], name: KnownHostName): KnownHostLine[] {
  return lines.filter((line) => line.marker === undefined && isAbout(line, formatKnownHostName(name)));
}

/**
 * Judges the key that a host showed. One that stands in the files without a port is good for all its ports, as with
 * OpenSSH; a different one there says nothing of other ports.
 */
export function judgeHostKey(
  lines: readonly KnownHostLine[],
  name: KnownHostName,
  key: HostKey,
): HostKeyVerdict {
  const fullName = formatKnownHostName(name);
  const plainName = formatKnownHostName({ ...name, port: 22 });
  const withKey = lines.filter((line) => line.key.blob.equals(key.blob));
  const revoked = withKey.find(
    (line) => line.marker === "@revoked" && (isAbout(line, fullName) || isAbout(line, plainName)),
  );
  if (revoked !== undefined) return { state: "revoked", line: revoked };
  const own = findKnownHost(lines, name);
  if (own.some((line) => withKey.includes(line))) return { state: "known" };
  if (own.length > 0) return { state: "changed", lines: own };
  return withKey.some((line) => line.marker === undefined && isAbout(line, plainName))
    ? { state: "known" }
    : { state: "unknown" };
}

/** Whether an authority for certificates stands in the files for a host. */
export function hasAuthority(lines: readonly KnownHostLine[], name: KnownHostName): boolean {
  return lines.some((line) => line.marker === "@cert-authority" && isAbout(line, formatKnownHostName(name)));
}

/** A host's name as known_hosts has it: "node1", or "[node1]:2222". */
export function formatKnownHostName({ host, port }: KnownHostName): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

/** A line to add for a host, with its end. */
export function formatKnownHostLine(name: KnownHostName, key: HostKey): string {
  return `${formatKnownHostName(name)} ${key.type} ${key.blob.toString("base64")}\n`;
}

/** "SHA256:…", as ssh-keygen -l shows it. */
export function formatFingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

function isAbout(line: KnownHostLine, name: string): boolean {
  if (line.names.startsWith("|")) return isHashOf(line.names, name);
  return fitsPatterns(name, line.names.toLowerCase().split(","));
}

/** `|1|SALT|HMAC-SHA1(SALT, name)`, both in base64. */
function isHashOf(field: string, name: string): boolean {
  const [, version, salt = "", hash = ""] = field.split("|");
  if (version !== "1") return false;
  const expected = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.equals(Buffer.from(hash, "base64"));
}
