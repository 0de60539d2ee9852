/** The sink to which peers push events, as users name it. */
import type { Diagnostic } from "../core/errors.ts";

export const noSink = "none";

export const sinkUrlPattern = /^http:\/\/[^/?#@\s]+$/;

export function sinkDiagnostics(url: string): Diagnostic[] {
  if (url === noSink || sinkUrlPattern.test(url)) return [];
  const message = `sink: ${JSON.stringify(url)} is not an address. Use http://HOST:PORT, as baleen serve --events-dir prints it.`;
  return [{ code: "protocol-option", message }];
}
