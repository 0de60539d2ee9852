import { BaleenError, describeError, systemCode } from "../core/errors.ts";

/** Why the Docker engine did not do what was asked. */
export type DockerFailure = "unreachable" | "permission" | "certificates" | "timeout" | "request";

/** A request to the Docker engine that failed. Code: `docker-` and the reason. */
export class DockerError extends BaleenError {
  readonly reason: DockerFailure;
  /** HTTP status of the engine's answer, where there was one. */
  readonly status: number | undefined;

  constructor(
    reason: DockerFailure,
    message: string,
    options?: { status?: number | undefined; cause?: unknown },
  ) {
    super(`docker-${reason}`, message, options?.cause === undefined ? {} : { cause: options.cause });
    this.reason = reason;
    this.status = options?.status;
  }
}

/**
 * Puts what a Docker client threw into words with a remedy.
 *
 * @param action what was being done: "start container node0"
 * @param engine the engine's address and where that was found, for people
 */
export function explainDockerFailure(action: string, engine: string, cause: unknown): DockerError {
  if (cause instanceof DockerError) return cause;
  const status = statusOf(cause);
  if (status !== undefined) {
    return new DockerError("request", `Docker could not ${action}: ${engineMessage(cause)}`, {
      status,
      cause,
    });
  }
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
    default: {
      const timedOut = isTimeout(cause);
      const why = timedOut ? "no answer in time" : describeError(cause);
      return new DockerError(
        timedOut ? "timeout" : "unreachable",
        `The Docker engine at ${engine} did not ${action}: ${why}. Look at its log (journalctl -u docker).`,
        { cause },
      );
    }
  }
}

/** The client library wraps what ended its request into an error of its own. */
function isTimeout(cause: unknown): boolean {
  for (let current = cause; current instanceof Error; current = current.cause) {
    if (current.name === "TimeoutError") return true;
  }
  return false;
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
  const message = typeof json?.message === "string" ? json.message : describeError(cause);
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
