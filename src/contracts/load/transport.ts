/** How transactions get to a node. `undici`: by the HTTP library, plainly; what the others are compared with. */
export type TransportKind = (typeof transportKinds)[number];

export const transportKinds = ["http", "http-batch", "websocket", "undici"] as const;

/** What a client is told of the way to its targets; plain JSON. */
export interface TransportPlan {
  readonly kind: TransportKind;
  /** Requests (messages) under way on one connection, 1 or more; above 1 only where all are busy; `undici` has one. */
  readonly inFlightPerConnection: number;
  /** Most transactions in one request of `http-batch`; the others have one. */
  readonly batchSize: number;
}
