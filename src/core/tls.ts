import { getCACertificates } from "node:tls";

let known: readonly string[] | undefined;

/** Certificates of the authorities that Node.js and this system trust, and these besides; PEM. */
export function trustedAuthorities(others: readonly string[] = []): string[] {
  known ??= [...new Set([...getCACertificates("default"), ...getCACertificates("system")])];
  return [...known, ...others];
}
