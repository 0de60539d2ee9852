import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";

/** How a server's certificate is verified; it always is. */
export interface TlsSettings {
  /** Certificates of authorities that are trusted besides Node.js' and the system's own, PEM. */
  readonly ca?: readonly string[] | undefined;
  /** The name that the certificate must bear; left out: the host that was asked for. */
  readonly serverName?: string | undefined;
}

/** Reading hundreds of authorities takes longer than a handshake: once for the same ones, however they came here. */
const contexts = new Map<string, SecureContext>();

/** For a connection of Node.js' own. */
export function tlsOptions(options: TlsSettings) {
  const authorities = JSON.stringify(options.ca ?? []);
  let secureContext = contexts.get(authorities);
  if (secureContext === undefined) {
    const known = new Set([...getCACertificates("default"), ...getCACertificates("system")]);
    secureContext = createSecureContext({ ca: [...known, ...(options.ca ?? [])] });
    contexts.set(authorities, secureContext);
  }
  const { serverName } = options;
  return serverName === undefined ? { secureContext } : { secureContext, servername: serverName };
}
