/** How a host's Docker engine is used. */
export type EngineAccess =
  /** Through its socket, which is open to the connection's user. */
  | { readonly kind: "socket"; readonly path: string }
  /** By root: `sudo -n docker system dial-stdio`. */
  | { readonly kind: "sudo" };
