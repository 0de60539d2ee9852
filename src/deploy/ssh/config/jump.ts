/** Writing of ways to a host: `[user@]host[:port]`, as `ssh -J` takes them. Pure. */

/** One host on the way, as it was written. */
export interface JumpText {
  readonly user?: string | undefined;
  readonly host: string;
  readonly port?: number | undefined;
}

/** The hosts on the way, the nearest one first; "none" is an empty way; undefined where the text is none. */
export function parseJumps(text: string): readonly JumpText[] | undefined {
  if (text.trim().toLowerCase() === "none") return [];
  const jumps = text.split(",").map((part) => parseJump(part.trim()));
  return jumps.every((jump) => jump !== undefined) ? jumps : undefined;
}

function parseJump(text: string): JumpText | undefined {
  const match =
    /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:@[\]]+|[^@[\]]*:[^@[\]]*:[^@[\]]*))(?::(\d+))?\/?$/.exec(
      text,
    );
  if (match === null) return undefined;
  const [, user, bracketed, plain, digits] = match;
  const host = bracketed ?? plain ?? "";
  const port = parsePort(digits);
  return port === "invalid" || host === "" ? undefined : { user, host, port };
}

/** A TCP port as it is written; undefined where nothing is. */
export function parsePort(text: string | undefined): number | undefined | "invalid" {
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : "invalid";
}
