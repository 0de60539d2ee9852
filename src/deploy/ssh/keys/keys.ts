/** Private keys and the agent, by ssh2. Its types stay in here: what the client needs of them is opaque to others. */

import { createPrivateKey, type KeyObject } from "node:crypto";
import { stat } from "node:fs/promises";
import type {
  BaseAgent,
  IdentityCallback,
  ParsedKey,
  PublicKeyEntry,
  SignCallback,
  SigningRequestOptions,
} from "ssh2";
import { untilAborted } from "../../../core/async.ts";
import { readBounded } from "../../../core/documents/read-bounded.ts";
import { type Diagnostic, describeError, systemCode } from "../../../core/errors.ts";
import { onDemand } from "../../../core/on-demand.ts";
import { formatArgv } from "../../../core/process/command.ts";
import { formatEd25519 } from "./ed25519.ts";

const ssh2 = onDemand<typeof import("ssh2")>("ssh2");

/** A way to log in, in the form that ssh2 takes; only the client looks into it. */
export type LoginMethod = { readonly type: "publickey" | "agent"; readonly username: string };

export interface PrivateKey {
  readonly blob: Buffer;
  readonly method: (user: string) => LoginMethod;
}

export type KeyReading =
  | { readonly state: "ready"; readonly key: PrivateKey }
  | { readonly state: "encrypted" }
  | { readonly state: "wrong-passphrase" }
  /** `why` continues "FILE …". */
  | { readonly state: "invalid"; readonly why: string };

/** Reads a private key in the forms of OpenSSH, PEM (PKCS #1, SEC 1), PKCS #8 and PuTTY. */
export function readPrivateKey(content: Buffer, passphrase?: string): KeyReading {
  const text = content.toString("latin1");
  if (/^-----BEGIN (?:ENCRYPTED )?PRIVATE KEY-----/m.test(text)) return readPkcs8(content, passphrase);
  const parsed = ssh2().utils.parseKey(content, passphrase);
  if (!(parsed instanceof Error)) return ready(parsed);
  if (/no passphrase given/i.test(parsed.message)) return { state: "encrypted" };
  if (/unsupported|not supported/i.test(parsed.message)) {
    return { state: "invalid", why: `is not a supported private key (${parsed.message})` };
  }
  return passphrase === undefined
    ? { state: "invalid", why: `cannot be parsed (${parsed.message})` }
    : { state: "wrong-passphrase" };
}

function ready(parsed: ParsedKey): KeyReading {
  if (!parsed.isPrivateKey()) {
    return { state: "invalid", why: "is a public key, but the private key is needed" };
  }
  return {
    state: "ready",
    key: {
      blob: parsed.getPublicSSH(),
      method: (username) => Object.assign({ type: "publickey" as const, username }, { key: parsed }),
    },
  };
}

/** ssh2 does not know PKCS #8, which openssl writes: Node.js reads it, and writes what ssh2 knows. */
function readPkcs8(content: Buffer, passphrase: string | undefined): KeyReading {
  const encrypted = content.includes("BEGIN ENCRYPTED");
  if (encrypted && passphrase === undefined) return { state: "encrypted" };
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: content, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    return encrypted
      ? { state: "wrong-passphrase" }
      : { state: "invalid", why: `cannot be parsed (${describeError(error)})` };
  }
  const known = reform(key);
  if (known === undefined) {
    const type = key.asymmetricKeyType;
    return { state: "invalid", why: `is a key of type ${type}, which SSH does not support` };
  }
  const parsed = ssh2().utils.parseKey(known);
  return parsed instanceof Error
    ? { state: "invalid", why: `cannot be used (${parsed.message})` }
    : ready(parsed);
}

function reform(key: KeyObject): string | Buffer | undefined {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return key.export({ type: "pkcs1", format: "pem" });
    case "ec":
      return key.export({ type: "sec1", format: "pem" });
    case "ed25519":
      return formatEd25519(key, "").privateKey;
    default:
      return undefined;
  }
}

const agentTimeoutMs = 5_000;

/**
 * Asks an agent what keys it holds.
 *
 * @param preferred public keys that are tried first: a server counts the tries
 * @throws Error where no agent answers at that socket
 */
export async function readAgent(
  socketPath: string,
  preferred: (blob: Buffer) => boolean,
): Promise<{ readonly blobs: readonly Buffer[]; readonly method: PrivateKey["method"] }> {
  const agent = ssh2().createAgent(socketPath);
  const answer = new Promise<ParsedKey[]>((resolve, reject) => {
    agent.getIdentities((error, found = []) => {
      if (error instanceof Error) reject(error);
      else resolve(found.map(readPublicKey).filter((key) => key !== undefined));
    });
  });
  // The socket of an agent that was forwarded once may lead nowhere.
  const keys = await untilAborted(answer, AbortSignal.timeout(agentTimeoutMs));
  const isPreferred = (key: ParsedKey) => preferred(key.getPublicSSH());
  const ordered = [...keys.filter(isPreferred), ...keys.filter((key) => !isPreferred(key))];
  return {
    blobs: ordered.map((key) => key.getPublicSSH()),
    method: (username) =>
      Object.assign({ type: "agent" as const, username }, { agent: orderedAgent(agent, ordered) }),
  };
}

function readPublicKey(key: ParsedKey | Buffer | string | PublicKeyEntry): ParsedKey | undefined {
  const isEntry = typeof key === "object" && "pubKey" in key;
  const result = ssh2().utils.parseKey(isEntry ? publicHalf(key) : key);
  return result instanceof Error ? undefined : result;
}

function publicHalf({ pubKey }: PublicKeyEntry): ParsedKey | Buffer | string {
  return typeof pubKey === "object" && "pubKey" in pubKey ? pubKey.pubKey : pubKey;
}

/** An agent whose keys come in an order of ours. */
function orderedAgent(agent: BaseAgent, keys: ParsedKey[]): BaseAgent<ParsedKey> {
  class OrderedAgent extends ssh2().BaseAgent<ParsedKey> {
    override getIdentities(done: IdentityCallback<ParsedKey>): void {
      done(null, keys);
    }

    override sign(
      key: ParsedKey,
      data: Buffer,
      options: SigningRequestOptions | SignCallback,
      done?: SignCallback,
    ): void {
      if (typeof options === "function") agent.sign(key, data, options);
      else agent.sign(key, data, options, done);
    }
  }
  return new OrderedAgent();
}

/** What came of reading a file that is to hold a private key. */
export type KeyFileReading = {
  readonly file: string;
  /** The public key, as far as it is known; of an encrypted one, where it stands beside the file. */
  readonly blob?: Buffer | undefined;
} & (
  | { readonly state: "ready"; readonly key: PrivateKey; readonly mode: number }
  | { readonly state: "encrypted"; readonly content: Buffer; readonly mode: number }
  /** `why` continues "FILE …". */
  | { readonly state: "unusable"; readonly code: "key-unreadable" | "key-invalid"; readonly why: string }
);

/** Reads a private key without asking for a passphrase. */
export async function readKey(file: string): Promise<KeyFileReading> {
  let content: Buffer;
  let mode: number;
  try {
    content = await readBounded(file);
    mode = (await stat(file)).mode & 0o777;
  } catch (error) {
    return { file, state: "unusable", code: "key-unreadable", why: explainUnreadable(error) };
  }
  const reading = readPrivateKey(content);
  if (reading.state === "ready") return { file, ...reading, blob: reading.key.blob, mode };
  if (reading.state === "encrypted")
    return { file, ...reading, content, blob: await readPublicHalf(file), mode };
  const why = reading.state === "invalid" ? reading.why : "cannot be parsed";
  return { file, state: "unusable", code: "key-invalid", why };
}

/** That others than the owner may read a key; undefined where they may not. */
export function whyExposed(file: string, mode: number): Diagnostic | undefined {
  if ((mode & 0o077) === 0) return undefined;
  const command = formatArgv(["chmod", "600", file]);
  const octal = mode.toString(8).padStart(4, "0");
  const message = `Other users can read the key ${file} (${octal}). Restrict its permissions: ${command}`;
  return { code: "key-exposed", message, command };
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: "does not exist",
  EISDIR: "is a folder",
  EACCES: "is not readable by you",
};

function explainUnreadable(error: unknown): string {
  return unreadable[systemCode(error) ?? ""] ?? `cannot be read (${describeError(error)})`;
}

async function readPublicHalf(file: string): Promise<Buffer | undefined> {
  const text = await readBounded(`${file}.pub`).catch(() => "");
  const [, encoded] = text.toString("latin1").trim().split(/\s+/);
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64");
}
