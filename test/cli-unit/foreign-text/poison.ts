/** Text that steers a terminal that shows it: title, clear, bell, C1, bidirectional, and a line that looks like ours. */
export const poison = (tag: string): string =>
  `${tag}\x1b]0;title\x07\x1b[2J\u009b31m\u202e\u2066\nFORGED\x1b[2A`;

/** What of it may reach no terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const poisonous = /\x1b\]|\x1b\[2J|\x07|[\u0080-\u009f]|\u202e|\u2066|^FORGED/m;

/** Stands before what a case writes to the terminal. */
export const heading = (name: string) => `=== ${name} ===`;
