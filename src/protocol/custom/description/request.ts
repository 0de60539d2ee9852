import type { RequestEntry } from "../schema/schema.ts";
import { compileTemplate, type Template } from "./template.ts";

/** A request to a node's RPC; its texts are templates. */
export interface CompiledRequest {
  readonly method: "GET" | "POST" | "PUT";
  readonly path: Template;
  /** Names in lower case; "content-type" is among them where there is a body. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty: no body. */
  readonly body: Template;
}

/** @param variables names of those that may stand in it */
export function compileRequest(
  entry: RequestEntry,
  variables: { readonly path: readonly string[]; readonly body: readonly string[] },
): CompiledRequest {
  const isJson = entry.json !== undefined;
  const text = isJson ? JSON.stringify(entry.json) : (entry.body ?? "");
  const type = isJson ? "application/json" : "text/plain; charset=utf-8";
  return {
    method: entry.method ?? (text === "" ? "GET" : "POST"),
    path: compileTemplate(entry.path, variables.path),
    headers: { ...(text === "" ? {} : { "content-type": type }), ...entry.headers },
    body: compileTemplate(text, variables.body),
  };
}

/** The request with a text in the place of each variable. */
export function fillRequest(
  { method, path, headers, body }: CompiledRequest,
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
