import { generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";

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

/** Makes a new key pair. (ssh2's own generator makes a broken one at times: it drops a leading zero.) */
export function generateKeyPair(comment: string): KeyPair {
  return formatEd25519(generateKeyPairSync("ed25519").privateKey, comment);
}

/**
 * Writes a private key as OpenSSH does.
 *
 * @see PROTOCOL.key of OpenSSH: the format of private key files; RFC 8709: of the public key
 */
export function formatEd25519(key: KeyObject, comment: string): KeyPair {
  const { d = "", x = "" } = key.export({ format: "jwk" });
  const open = Buffer.from(x, "base64url");
  const publicBlob = Buffer.concat([field(algorithm), field(open)]);
  // Written twice, so that a wrong passphrase shows; there is none here, but readers look.
  const check = randomBytes(4);
  const pair = field(Buffer.concat([Buffer.from(d, "base64url"), open]));
  const secret = Buffer.concat([check, check, publicBlob, pair, field(comment)]);
  const paddingBytes = (blockBytes - (secret.length % blockBytes)) % blockBytes;
  const padding = Buffer.from(Array.from({ length: paddingBytes }, (_, index) => index + 1));
  const file = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[field("none"), field("none"), field("")],
    ...[uint32(1), field(publicBlob), field(Buffer.concat([secret, padding]))],
  ]);
  const lines = file.toString("base64").match(/.{1,70}/g) ?? [];
  const [begin, end] = ["BEGIN", "END"].map((word) => `-----${word} OPENSSH PRIVATE KEY-----`);
  return {
    privateKey: [begin, ...lines, end, ""].join("\n"),
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
