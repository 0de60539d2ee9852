/** What a failed connection means, in plain words. */
import { describeError, systemCode } from "../../core/errors.ts";
import { SshError, type SshErrorCode } from "./errors.ts";

/** What was connected to, and how. */
export interface Attempt {
  /** The host's name, for `HostFailure`. */
  readonly host: string;
  /** "node1 (ubuntu@10.0.1.11:22)", or the jump host of node1. */
  readonly description: string;
  readonly user: string;
  readonly timeoutMs: number;
  /** What was offered for the login: "2 keys of the agent, /home/me/.ssh/id_rsa". */
  readonly offered: string;
}

/** Names a failure to connect. Those that have a name already are left as they are. */
export function describeConnectFailure(error: unknown, attempt: Attempt): SshError {
  if (error instanceof SshError) return error;
  const { code, why, remedy } = explain(error, attempt);
  const seconds = attempt.timeoutMs / 1000;
  return new SshError(
    {
      code,
      host: attempt.host,
      message:
        code === "host-authentication"
          ? `${attempt.description} ${why}. ${remedy}`
          : `Cannot reach ${attempt.description} over SSH within ${seconds} s: ${why}. ${remedy}`,
    },
    { cause: error },
  );
}

interface Explanation {
  readonly code: SshErrorCode;
  readonly why: string;
  readonly remedy: string;
}

const dropRemedy =
  "Check its port, and sshd's MaxStartups and PerSourcePenalties where many connect at once.";
const noAnswer = "no SSH server answers";
const checkAddress = "Check its address and port, and that sshd runs.";

function explain(error: unknown, attempt: Attempt): Explanation {
  const bySystem = explainSystem(systemCode(error));
  if (bySystem !== undefined) return bySystem;
  const said = describeError(error);
  if (isTimeout(error)) {
    return {
      code: "host-timeout",
      why: noAnswer,
      remedy: "Check its address and port, and that no firewall drops the connection (a security group).",
    };
  }
  if (/authentication methods failed|too many authentication failures/i.test(said)) {
    return {
      code: "host-authentication",
      why: `refused the login of ${attempt.user}, who offered ${attempt.offered || "no key"}`,
      remedy: "Check the user name, and that the key's public half is in that user's ~/.ssh/authorized_keys.",
    };
  }
  if (/agent/i.test(said)) {
    return {
      code: "host-authentication",
      why: `was not logged in to: the ssh-agent failed (${said})`,
      remedy: "Check that it runs, and that the use of the key was not declined.",
    };
  }
  if (
    /invalid identification string|bad packet length|expected identification|header line too long/i.test(said)
  ) {
    return { code: "host-not-ssh", why: "what answers there is not an SSH server", remedy: checkAddress };
  }
  if (/before handshake|no response from server/i.test(said)) {
    return {
      code: "host-dropped",
      why: "the connection was closed before a word of SSH was said",
      remedy: dropRemedy,
    };
  }
  if (/no matching/i.test(said)) {
    return { code: "host-handshake", why: said, remedy: "Bring its SSH server up to date." };
  }
  return { code: "host-handshake", why: said, remedy: "See the log of sshd there." };
}

function explainSystem(code: string | undefined): Explanation | undefined {
  switch (code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_NONAME":
    case "EAI_NODATA":
      return {
        code: "host-unknown",
        why: "there is no host of that name",
        remedy: "Check its address, and the name service of this machine.",
      };
    case "ECONNREFUSED":
      return { code: "host-refused", why: "connection refused", remedy: checkAddress };
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
    case "EADDRNOTAVAIL":
    case "EACCES":
    case "EINVAL":
      return {
        code: "host-unreachable",
        why: `no way leads there (${code})`,
        remedy: "Check its address, and that the host is up.",
      };
    case "ETIMEDOUT":
      return {
        code: "host-timeout",
        why: noAnswer,
        remedy: "Check its address and port, and that no firewall drops the connection (a security group).",
      };
    case "ECONNRESET":
    case "EPIPE":
      return { code: "host-dropped", why: "the connection was cut", remedy: dropRemedy };
    default:
      return undefined;
  }
}

function isTimeout(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === "TimeoutError" || /timed out while waiting for handshake/i.test(error.message))
  );
}
