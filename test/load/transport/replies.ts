/** Replies as a node gives them. */
export const idOf = (request: string): number => (JSON.parse(request) as { id: number }).id;

const hash = "AB".repeat(32);

export const accepted = (id: unknown): string =>
  `{"jsonrpc":"2.0","id":${id},"result":{"code":0,"data":"","log":"","codespace":"","hash":"${hash}"}}`;

export const refused = (id: unknown): string =>
  `{"jsonrpc":"2.0","id":${id},"error":{"code":-32603,"message":"Internal error","data":"mempool is full"}}`;
