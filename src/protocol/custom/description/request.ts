import type { RequestEntry } from "../schema/schema.ts";
import { compileTemplate } from "./template.ts";

/**
 * A request to a node's RPC; path and body are templates, an empty one no body. Names of headers are in lower case;
 * "content-type" is among them where there is a body.
 */
export function compileRequest(entry: RequestEntry) {
  const isJson = entry.json !== undefined;
  const text = isJson ? JSON.stringify(entry.json) : (entry.body ?? "");
  const type = isJson ? "application/json" : "text/plain; charset=utf-8";
  return {
    method: entry.method ?? (text === "" ? ("GET" as const) : ("POST" as const)),
    path: compileTemplate(entry.path),
    headers: { ...(text === "" ? {} : { "content-type": type }), ...entry.headers },
    body: compileTemplate(text),
  };
}

/** The request with a text in the place of each variable. */
export function fillRequest(
  { method, path, headers, body }: ReturnType<typeof compileRequest>,
  textFor: (variable: string) => string,
) {
  const content = body.render(textFor);
  return {
    method,
    path: path.render(textFor),
    headers: { ...headers },
    ...(content === "" ? {} : { body: content }),
  };
}
