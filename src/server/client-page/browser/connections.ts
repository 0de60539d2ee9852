/** The WebRTC connections of the page, whichever library opens them. */

export interface ConnectionFigures {
  /** Open ones. */
  readonly connections: number;
  /** Over all of them since each was opened, headers of SCTP and DTLS included. */
  readonly bytesSent: number;
  readonly bytesReceived: number;
  /** Of data channels. */
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Mean over connections of the latest round trip; undefined: none was measured. */
  readonly roundTripMs: number | undefined;
}

/** The keys of getStats that are read; numbers of other objects are absent. */
interface Stats {
  readonly type: string;
  readonly nominated?: boolean;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  readonly messagesSent?: number;
  readonly messagesReceived?: number;
  readonly currentRoundTripTime?: number;
}

export class Connections {
  readonly #open = new Set<RTCPeerConnection>();

  /** From now on, all that the page opens are known. */
  constructor() {
    const open = this.#open;
    globalThis.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        open.add(this);
      }
    };
  }

  async read(): Promise<ConnectionFigures> {
    for (const connection of this.#open) {
      if (connection.connectionState === "closed") this.#open.delete(connection);
    }
    const connected = [...this.#open].filter(({ connectionState }) => connectionState === "connected");
    const reports = await Promise.all(connected.map((connection) => connection.getStats()));
    const stats = reports.flatMap((report) => [...report.values()] as Stats[]);
    const pairs = stats.filter(({ type, nominated }) => type === "candidate-pair" && nominated === true);
    const channels = stats.filter(({ type }) => type === "data-channel");
    const sum = (of: readonly Stats[], key: Exclude<keyof Stats, "type" | "nominated">) =>
      of.reduce((total, one) => total + (one[key] ?? 0), 0);
    const timed = pairs.filter(({ currentRoundTripTime }) => currentRoundTripTime !== undefined);
    return {
      connections: connected.length,
      bytesSent: sum(pairs, "bytesSent"),
      bytesReceived: sum(pairs, "bytesReceived"),
      messagesSent: sum(channels, "messagesSent"),
      messagesReceived: sum(channels, "messagesReceived"),
      roundTripMs: timed.length > 0 ? (1000 * sum(timed, "currentRoundTripTime")) / timed.length : undefined,
    };
  }
}
