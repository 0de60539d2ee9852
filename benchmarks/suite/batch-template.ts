/** Requests of one load differ in nothing but the transactions' numbers, so one is built and then patched. */

/** "baleen" and the run in nine digits: a multiple of three, so that the number stands in whole base64 groups. */
const prefixCharacters = 15;
/** Digits of a number in a transaction: twelve of hexadecimal are four groups of three bytes. */
const numberCharacters = 12;

/** Base64 of every three hexadecimal digits, four bytes each, ready to be written in one go. */
const groups = Uint32Array.from({ length: 4096 }, (_, value) =>
  Buffer.from(Buffer.from(value.toString(16).padStart(3, "0")).toString("base64")).readUInt32LE(),
);

/** An HTTP request with a JSON-RPC batch of `broadcast_tx_async`, of kvstore transactions of exactly N bytes. */
export class BatchTemplate {
  readonly #request: Buffer;
  /** Where each transaction's number stands. */
  readonly #places: readonly number[];

  constructor(options: { batch: number; transactionSizeBytes: number; run: number }) {
    const { batch, transactionSizeBytes, run } = options;
    const prefix = `baleen${run.toString(16).padStart(9, "0")}`;
    const head = `${prefix}${"0".repeat(numberCharacters)}=`;
    const transaction = Buffer.from(head.padEnd(transactionSizeBytes, "x"), "latin1").toString("base64");
    const requests = Array.from(
      { length: batch },
      (_, id) =>
        `{"jsonrpc":"2.0","id":${id},"method":"broadcast_tx_async","params":{"tx":"${transaction}"}}`,
    );
    const body = `[${requests.join(",")}]`;
    const header =
      "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
      `Content-Length: ${body.length}\r\n\r\n`;
    this.#request = Buffer.from(header + body, "latin1");
    const places: number[] = [];
    for (let at = 0; places.length < batch; at = (places.at(-1) ?? 0) + 1) {
      places.push(this.#request.indexOf(transaction, at, "latin1"));
    }
    this.#places = places.map((at) => at + (prefixCharacters / 3) * 4);
  }

  /** A request with the transactions of numbers `first`, `first` + 1, … */
  next(first: number): Buffer {
    const request = Buffer.from(this.#request);
    this.#places.forEach((place, index) => {
      const number = first + index;
      const [high, low] = [Math.floor(number / 2 ** 24), number % 2 ** 24];
      request.writeUInt32LE(groups[(high >> 12) & 0xfff] ?? 0, place);
      request.writeUInt32LE(groups[high & 0xfff] ?? 0, place + 4);
      request.writeUInt32LE(groups[low >> 12] ?? 0, place + 8);
      request.writeUInt32LE(groups[low & 0xfff] ?? 0, place + 12);
    });
    return request;
  }
}
