/** Certificates made here: an authority, and servers' certificates that it signed. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIPv4 } from "node:net";

/** A key and its certificate, PEM. */
export interface Certified {
  readonly key: string;
  readonly cert: string;
}

export interface Authority {
  readonly cert: string;
  /** @param names host names and IPv4 addresses; the certificate has ended where `isExpired` is true */
  readonly certify: (names: readonly string[], options?: { isExpired?: boolean }) => Certified;
}

const day = 86_400_000;

/** An authority of its own name and key, which nobody trusts yet. */
export function makeAuthority(): Authority {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const issuer = distinguishedName(`Test authority ${randomBytes(4).toString("hex")}`);
  const signed = (tbs: Buffer) =>
    pem("CERTIFICATE", der(0x30, tbs, ed25519, bits(sign(null, tbs, privateKey))));
  const isAuthority = extension("551d13", der(0x30, der(0x01, Buffer.of(0xff))));
  return {
    cert: signed(toBeSigned({ issuer, subject: issuer, publicKey, extensions: [isAuthority], untilMs: day })),
    certify: (names, { isExpired = false } = {}) => {
      const own = generateKeyPairSync("ed25519");
      const alternatives = names.map((name) =>
        isIPv4(name) ? der(0x87, Buffer.from(name.split(".").map(Number))) : der(0x82, Buffer.from(name)),
      );
      const subject = distinguishedName(names[0] ?? "nobody");
      const extensions = [extension("551d11", der(0x30, ...alternatives))];
      const untilMs = isExpired ? -day : day;
      return {
        key: own.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
        cert: signed(toBeSigned({ issuer, subject, publicKey: own.publicKey, extensions, untilMs })),
      };
    },
  };
}

interface Content {
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  /** From now. */
  readonly untilMs: number;
}

/** @see RFC 5280, section 4.1 */
function toBeSigned({ issuer, subject, publicKey, extensions, untilMs }: Content): Buffer {
  const time = (ms: number) =>
    der(0x18, Buffer.from(`${new Date(Date.now() + ms).toISOString().replace(/[-:T]|\..*/g, "")}Z`));
  return der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ed25519,
    issuer,
    der(0x30, time(-2 * day), time(untilMs)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, ...extensions)),
  );
}

const ed25519 = der(0x30, der(0x06, Buffer.from("2b6570", "hex")));

function distinguishedName(name: string): Buffer {
  const commonName = der(0x30, der(0x06, Buffer.from("550403", "hex")), der(0x0c, Buffer.from(name)));
  return der(0x30, der(0x31, commonName));
}

function extension(id: string, value: Buffer): Buffer {
  return der(0x30, der(0x06, Buffer.from(id, "hex")), der(0x04, value));
}

function bits(bytes: Buffer): Buffer {
  return der(0x03, Buffer.of(0), bytes);
}

/** One value with its tag and length. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(kind: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${kind}-----\n${lines.join("\n")}\n-----END ${kind}-----\n`;
}
