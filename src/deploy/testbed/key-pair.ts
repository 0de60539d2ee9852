import { generateKeyPairSync, randomBytes } from "node:crypto";

/** An Ed25519 key as OpenSSH's own files have it. */
export interface KeyPair {
  /** What goes into a private key file, without a passphrase. A secret. */
  readonly privateKey: string;
  /** "ssh-ed25519 AAAA…", as in authorized_keys and known_hosts, without a comment. */
  readonly publicKey: string;
}

const algorithm = "ssh-ed25519";
/** Bytes of an unencrypted private section are padded to a multiple of this. */
const blockBytes = 8;

/**
 * Makes a new key pair.
 *
 * @see PROTOCOL.key of OpenSSH: the format of private key files; RFC 8709: of the public key
 */
export function generateKeyPair(comment: string): KeyPair {
  const jwk = generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" });
  const publicBytes = Buffer.from(jwk.x ?? "", "base64url");
  const seed = Buffer.from(jwk.d ?? "", "base64url");
  const publicBlob = Buffer.concat([field(algorithm), field(publicBytes)]);
  // Written twice, so that a wrong passphrase shows; there is none here, but readers look.
  const check = randomBytes(4);
  const secret = Buffer.concat([
    ...[check, check, publicBlob],
    ...[field(Buffer.concat([seed, publicBytes])), field(comment)],
  ]);
  const padding = Buffer.from(
    Array.from({ length: (blockBytes - (secret.length % blockBytes)) % blockBytes }, (_, index) => index + 1),
  );
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[field("none"), field("none"), field("")],
    ...[uint32(1), field(publicBlob), field(Buffer.concat([secret, padding]))],
  ]);
  const lines = file.toString("base64").match(/.{1,70}/g) ?? [];
  return {
    privateKey: [
      "-----BEGIN OPENSSH PRIVATE KEY-----",
      ...lines,
      "-----END OPENSSH PRIVATE KEY-----",
      "",
    ].join("\n"),
    publicKey: `${algorithm} ${publicBlob.toString("base64")}`,
  };
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A string of the SSH protocol: its length, then its bytes. */
function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([uint32(bytes.length), bytes]);
}
