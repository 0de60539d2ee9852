import type { TlsSettings } from "../../core/tls.ts";

/** The separate things a node listens for. Which address leads there depends on who looks. */
export type Plane = "rpc" | "peer" | "metrics";

export interface Endpoint {
  /** Host name or address, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** It is spoken to over TLS, and its certificate is verified; absent: in the clear. */
  readonly tls?: TlsSettings | undefined;
}

/** Name of a node, unique in its network: "node0". */
export type NodeName = string;

/** Who looks at an address: the machine that runs Baleen, or a node of the same network. */
export type Viewpoint = "coordinator" | { readonly node: NodeName };
