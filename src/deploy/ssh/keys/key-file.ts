/** Files with private keys. */
import { readFile, stat } from "node:fs/promises";
import { type Diagnostic, describeError, systemCode } from "../../../core/errors.ts";
import { formatArgv } from "../../../core/process/command.ts";
import { type PrivateKey, readPrivateKey } from "./keys.ts";

/** What came of reading a file that is to hold a private key. */
export type KeyFileReading = { readonly file: string } & (
  | { readonly state: "ready"; readonly key: PrivateKey; readonly mode: number }
  | {
      readonly state: "encrypted";
      readonly content: Buffer;
      /** The public key, where it stands beside the file: it tells whether the agent has it. */
      readonly blob: Buffer | undefined;
      readonly mode: number;
    }
  /** `why` continues "FILE …". */
  | { readonly state: "unusable"; readonly code: "key-unreadable" | "key-invalid"; readonly why: string }
);

/** Reads a private key without asking for a passphrase. */
export async function readKey(file: string): Promise<KeyFileReading> {
  let content: Buffer;
  let mode: number;
  try {
    content = await readFile(file);
    mode = (await stat(file)).mode & 0o777;
  } catch (error) {
    return { file, state: "unusable", code: "key-unreadable", why: explainUnreadable(error) };
  }
  const reading = readPrivateKey(content);
  if (reading.state === "ready") return { file, state: "ready", key: reading.key, mode };
  if (reading.state === "encrypted") {
    return { file, state: "encrypted", content, blob: await readPublicHalf(file), mode };
  }
  const why = reading.state === "invalid" ? reading.why : "cannot be understood";
  return { file, state: "unusable", code: "key-invalid", why };
}

type Usable = Exclude<KeyFileReading, { readonly state: "unusable" }>;

/** The public key of a file, as far as it is known. */
export function blobOf(reading: Usable | { readonly state: "unusable" }): Buffer | undefined {
  if (reading.state === "ready") return reading.key.blob;
  return reading.state === "encrypted" ? reading.blob : undefined;
}

/** That others than the owner may read a key; undefined where they may not. */
export function whyExposed(file: string, mode: number): Diagnostic | undefined {
  if ((mode & 0o077) === 0) return undefined;
  const command = formatArgv(["chmod", "600", file]);
  const octal = mode.toString(8).padStart(4, "0");
  const message = `Others may read the key ${file} (${octal}). Make it yours alone: ${command}`;
  return { code: "key-exposed", message, command };
}

function explainUnreadable(error: unknown): string {
  switch (systemCode(error)) {
    case "ENOENT":
      return "does not exist";
    case "EISDIR":
      return "is a folder";
    case "EACCES":
      return "may not be read by you";
    default:
      return `cannot be read (${describeError(error)})`;
  }
}

async function readPublicHalf(file: string): Promise<Buffer | undefined> {
  const text = await readFile(`${file}.pub`, "latin1").catch(() => "");
  const [, encoded] = text.trim().split(/\s+/);
  return encoded === undefined ? undefined : Buffer.from(encoded, "base64");
}
