import { systemCode } from "../../core/errors.ts";
import type { SendFailure } from "./transport.ts";

/** Failures before there was a connection, by the node's doing or its network's: it cannot have the transaction. */
const unreachableCodes = new Set([
  "ECONNREFUSED",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT",
]);
/** Likewise, by this machine's own doing: another node would be no easier to reach. */
const ownCodes = new Set(["EADDRNOTAVAIL", "EMFILE", "ENFILE", "ENOBUFS"]);

/** What it says that a connection never stood. */
export function connectFailure(code: string): SendFailure {
  return { kind: ownCodes.has(code) ? "unsent" : "unreachable", code };
}

/** What an error of a socket, or of the HTTP library, says of the transactions that were on their way there. */
export function sendFailure(error: unknown): SendFailure {
  const code = systemCode(error) ?? libraryCode(error);
  if (unreachableCodes.has(code) || ownCodes.has(code)) return connectFailure(code);
  return { kind: "broken", code };
}

/** The HTTP library's own code (UND_ERR_SOCKET), or the name of an error that has none. */
function libraryCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === "string" ? code : error.name;
}
