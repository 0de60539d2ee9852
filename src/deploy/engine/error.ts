import { BaleenError, describeError, systemCode } from "../../core/errors.ts";

export type DockerFailure =
  | "unreachable"
  | "permission"
  | "certificates"
  | "timeout"
  | "name-taken"
  /** A container or another process listens on that port of the engine's machine. */
  | "port-taken"
  | "request";

/** A request to the Docker engine that failed. Code: `docker-` and the reason. */
export class DockerError extends BaleenError {
  readonly reason: DockerFailure;
  /** HTTP status of the engine's answer, where there was one. */
  readonly status: number | undefined;
  /** The name ("node0") or port ("0.0.0.0:26657") that something else has; set with "name-taken" and "port-taken". */
  readonly taken: string | undefined;

  constructor(
    reason: DockerFailure,
    message: string,
    options?: { status?: number | undefined; taken?: string | undefined; cause?: unknown },
  ) {
    super(`docker-${reason}`, message, options?.cause === undefined ? {} : { cause: options.cause });
    this.reason = reason;
    this.status = options?.status;
    this.taken = options?.taken;
  }
}

/** Which engine was asked, for people. */
export interface EnginePlace {
  /** Address and where it was found: "unix:///var/run/docker.sock (default)". */
  readonly description: string;
  /** Another machine's: what it says of processes is not about those here. */
  readonly remote: boolean;
}

/**
 * Puts what a Docker client threw into words with a remedy.
 *
 * @param action what was being done: "start container node0"
 */
export function explainDockerFailure(action: string, engine: EnginePlace, cause: unknown): DockerError {
  if (cause instanceof DockerError) return cause;
  const { description, remote } = engine;
  const status = statusOf(cause);
  if (status === undefined) return (remote ? explainLink : explainSocket)(action, description, cause);
  const words = engineMessage(cause);
  const conflict = parseConflict(words);
  const where = remote ? ` (${description})` : "";
  return new DockerError(conflict?.reason ?? "request", `Docker could not ${action}${where}: ${words}`, {
    status,
    taken: conflict?.taken,
    cause,
  });
}

/** Finds out what is taken. The engine gives these two no status or code of their own, only words. */
function parseConflict(words: string): { reason: "name-taken" | "port-taken"; taken: string } | undefined {
  const name = /The container name "\/?([^"]+)" is already in use/.exec(words)?.[1];
  if (name !== undefined) return { reason: "name-taken", taken: name };
  const port =
    /Bind for (\S+:\d+) failed: port is already allocated/.exec(words) ??
    /listen (?:tcp|udp)[46]? (\S+:\d+): bind: address already in use/.exec(words) ??
    /failed to bind host port (?:for )?((?:\[[^\]]+\]|[^\s:]+):\d+).*address already in use/.exec(words);
  return port?.[1] === undefined ? undefined : { reason: "port-taken", taken: port[1] };
}

/** An engine of another machine: what the way to it has put into words stands, with its own remedy. */
function explainLink(action: string, engine: string, cause: unknown): DockerError {
  const reported = isTimeout(cause) ? undefined : findCause(cause, (each) => each instanceof BaleenError);
  if (reported === undefined) {
    const remedy = "Check the connection, and the engine on that machine (systemctl status docker).";
    return explainSilence(action, engine, { cause, remedy });
  }
  const message = `The Docker engine at ${engine} did not ${action}: ${reported.message}`;
  return new DockerError("unreachable", message, { cause });
}

function explainSocket(action: string, engine: string, cause: unknown): DockerError {
  switch (systemCode(cause)) {
    case "EACCES":
    case "EPERM":
      return new DockerError(
        "permission",
        `No permission to use the Docker engine at ${engine}. ` +
          "Join the group docker (sudo usermod -aG docker $USER, then log in again), set up a rootless engine, " +
          "or use --runtime process.",
        { cause },
      );
    case "ENOENT":
    case "ECONNREFUSED":
      return new DockerError(
        "unreachable",
        `No Docker engine answers at ${engine}. Start it (Linux: sudo systemctl start docker; macOS: open -a Docker), ` +
          "install it (https://docs.docker.com/engine/install/), or use --runtime process.",
        { cause },
      );
    case "EMFILE":
    case "ENFILE":
      return new DockerError(
        "unreachable",
        `Cannot ask the Docker engine to ${action}: too many open files. Raise the limit (ulimit -n).`,
        { cause },
      );
    default:
      return explainSilence(action, engine, { cause, remedy: "See its log (journalctl -u docker)." });
  }
}

function explainSilence(
  action: string,
  engine: string,
  { cause, remedy }: { cause: unknown; remedy: string },
): DockerError {
  const timedOut = isTimeout(cause);
  const why = timedOut ? "no answer in time" : describeError(cause).replace(/\.$/, "");
  const message = `The Docker engine at ${engine} did not ${action}: ${why}. ${remedy}`;
  return new DockerError(timedOut ? "timeout" : "unreachable", message, { cause });
}

/** The client library wraps what ended its request into an error of its own. */
function isTimeout(cause: unknown): boolean {
  return findCause(cause, ({ name }) => name === "TimeoutError") !== undefined;
}

function findCause(error: unknown, fits: (each: Error) => boolean): Error | undefined {
  for (let each = error; each instanceof Error; each = each.cause) if (fits(each)) return each;
  return undefined;
}

/** HTTP status of an engine's answer that a Docker client threw, or that a DockerError carries. */
export function statusOf(cause: unknown): number | undefined {
  if (cause instanceof DockerError) return cause.status;
  const status = cause instanceof Error ? (cause as { statusCode?: unknown }).statusCode : undefined;
  return typeof status === "number" ? status : undefined;
}

/** The engine's own words: the client library puts a code and a reason of its own around them. */
function engineMessage(cause: unknown): string {
  const json = (cause as { json?: { message?: unknown } }).json;
  const wrapped = /^\(HTTP code \d+\) [^-]* - (.*)$/s.exec(describeError(cause))?.[1];
  const message = typeof json?.message === "string" ? json.message : (wrapped ?? describeError(cause));
  return message.trim().replaceAll(/\s+/g, " ");
}

/** undefined where the engine says that there is no such thing. */
export async function unlessMissing<T>(request: () => Promise<T>): Promise<T | undefined> {
  try {
    return await request();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** false where the engine answers with that status: there was nothing to do. */
export async function unlessStatus(status: number, request: () => Promise<unknown>): Promise<boolean> {
  try {
    await request();
    return true;
  } catch (error) {
    if (statusOf(error) === status) return false;
    throw error;
  }
}
