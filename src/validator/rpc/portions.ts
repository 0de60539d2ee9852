import type { Socket } from "node:net";

/**
 * The HTTP parser makes objects of all requests in what it is given, before any is served: a read of 64 KiB may hold
 * 3,000 of them, which take 10 MB. So it is given few bytes at a time.
 */
const portionBytes = 4_096;
const nothing = Buffer.alloc(0);

/** What one HTTP connection reads, given to the parser in portions, and nothing more read before all were. */
export class Portions {
  readonly #socket: Socket;
  readonly #isHeld: () => boolean;
  readonly #parse: (bytes: Buffer) => void;
  #rest: Buffer = nothing;
  #isParsing = false;

  /** @param isHeld nothing is to be parsed now; the socket is paused then, and resumed when that is over */
  constructor(socket: Socket, isHeld: () => boolean) {
    this.#socket = socket;
    this.#isHeld = isHeld;
    const [parse] = socket.listeners("data") as ((bytes: Buffer) => void)[];
    if (parse === undefined) throw new Error("Node.js has put no parser on this connection");
    this.#parse = parse;
    socket.removeListener("data", parse);
    socket.on("data", this.#take);
    const resume = socket.resume.bind(socket);
    // Node.js resumes the socket after every request, and as replies drain or a body is read.
    socket.resume = () => {
      if (isHeld()) return socket;
      resume();
      // May pause it again.
      this.#parseRest();
      return socket;
    };
  }

  /** The connection is another protocol's from now on. @returns what was read and not parsed */
  end(): Buffer {
    this.#socket.removeListener("data", this.#take);
    Reflect.deleteProperty(this.#socket, "resume");
    const rest = this.#rest;
    this.#rest = nothing;
    return rest;
  }

  readonly #take = (bytes: Buffer): void => {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#parseRest();
  };

  #parseRest(): void {
    if (this.#isParsing) return;
    this.#isParsing = true;
    const socket = this.#socket;
    while (this.#rest.length > 0 && !this.#isHeld() && !socket.isPaused() && !socket.destroyed) {
      const portion = this.#rest.subarray(0, portionBytes);
      this.#rest = this.#rest.subarray(portionBytes);
      this.#parse(portion);
    }
    this.#isParsing = false;
  }
}
