/** What a peer speaks that should speak something else, from its first bytes. */

const known = [
  { speech: "HTTP", beginning: /^HTTP\/\d/, speaker: "a web server (HTTP) answers there" },
  {
    speech: "HTTP",
    beginning: /^(GET|HEAD|POST|PUT|DELETE|OPTIONS|CONNECT|PRI) /,
    speaker: "a web client (HTTP) is there",
  },
  { speech: "SSH", beginning: /^SSH-/, speaker: "an SSH server answers there" },
  // A record with an alert or a handshake, of SSL 3.0 or later.
  {
    speech: "TLS",
    // biome-ignore lint/suspicious/noControlCharactersInRegex: such records begin with them.
    beginning: /^[\x15\x16]\x03[\x00-\x04]/,
    speaker: "a program that speaks TLS answers there",
  },
] as const;

const find = (bytes: Buffer) => {
  const text = bytes.toString("latin1", 0, 16);
  return known.find(({ beginning }) => beginning.test(text));
};

/** undefined where it is none that is known. */
export function recognizeSpeech(bytes: Buffer): (typeof known)[number]["speech"] | undefined {
  return find(bytes)?.speech;
}

/** Who is at an address where something else was expected: "a web server (HTTP) answers there". */
export function describeSpeaker(bytes: Buffer): string | undefined {
  return find(bytes)?.speaker;
}
