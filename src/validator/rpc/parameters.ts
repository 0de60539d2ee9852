/** Arguments of RPC methods: how each type is read from JSON and from a URI, by CometBFT's conventions. */
import { describeError } from "../../core/errors.ts";
import { RpcError } from "./error.ts";

/** The kind of error that wrong arguments are. */
export type ParamsDiagnostic = "params" | "internal";

/** One named argument of a method. */
export interface Parameter<T> {
  readonly name: string;
  /** What an absent argument stands for. */
  readonly absent: T;
  /** Throws an Error whose message says what is wrong. */
  readonly fromJson: (value: unknown) => T;
  readonly fromUri: (text: string) => T;
}

/** The values that a list of parameters yields, in order. */
export type Values<P extends readonly Parameter<unknown>[]> = {
  [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** Bytes: base64 in JSON; in a URI 0x… in hex, or a quoted string that stands for its own UTF-8 bytes. */
export function bytes(name: string): Parameter<Uint8Array> {
  return {
    name,
    absent: new Uint8Array(),
    fromJson: decodeBase64,
    fromUri: (text) => decodeHex(text) ?? Buffer.from(textFromJson(JSON.parse(text))),
  };
}

/** Text: a JSON string; in a URI the same in quotes, or 0x… in hex. */
export function text(name: string): Parameter<string> {
  return {
    name,
    absent: "",
    fromJson: textFromJson,
    fromUri: (uri) => {
      const decoded = decodeHex(uri);
      return decoded === undefined ? textFromJson(JSON.parse(uri)) : new TextDecoder().decode(decoded);
    },
  };
}

/** A 64-bit integer: digits in a JSON string; in a URI with or without quotes. undefined where absent. */
export function int64(name: string): Parameter<number | undefined> {
  return {
    name,
    absent: undefined,
    fromJson: integerFromJson,
    fromUri: (uri) => integerFromJson(/^-?\d+$/.test(uri) ? uri : JSON.parse(noHex(uri, "int64"))),
  };
}

/** true or false; false where absent. */
export function flag(name: string): Parameter<boolean> {
  const fromJson = (value: unknown) => {
    if (typeof value !== "boolean") throw new TypeError(`${name} must be true or false`);
    return value;
  };
  return { name, absent: false, fromJson, fromUri: (uri) => fromJson(JSON.parse(noHex(uri, "bool"))) };
}

/**
 * Reads the arguments of a JSON-RPC request: an object by name, or an array of exactly as many.
 *
 * @throws RpcError of that kind
 */
export function readJsonArguments(
  parameters: readonly Parameter<unknown>[],
  params: unknown,
  kind: ParamsDiagnostic = "params",
): unknown[] {
  if (params === undefined || params === null) return parameters.map(({ absent }) => absent);
  const source = { source: "json", kind };
  if (typeof params !== "object") {
    throw conversionError(source, "unknown type for JSON params. Expected map or array");
  }
  if (Array.isArray(params) && params.length !== parameters.length) {
    const names = parameters.map(({ name }) => name).join(" ");
    throw conversionError(
      source,
      `expected ${parameters.length} parameters ([${names}]), got ${params.length}`,
    );
  }
  return parameters.map((parameter, index) => {
    const value: unknown = Array.isArray(params)
      ? params[index]
      : Object.hasOwn(params, parameter.name)
        ? (params as Record<string, unknown>)[parameter.name]
        : undefined;
    if (value === undefined || value === null) return parameter.absent;
    return converted(source, () => parameter.fromJson(value));
  });
}

/**
 * Reads the arguments of a GET request. Empty ones count as absent.
 *
 * @throws RpcError -32602
 */
export function readUriArguments(
  parameters: readonly Parameter<unknown>[],
  query: URLSearchParams,
): unknown[] {
  return parameters.map((parameter) => {
    const value = query.get(parameter.name);
    if (value === null || value === "") return parameter.absent;
    return converted({ source: "http", kind: "params" }, () => parameter.fromUri(value));
  });
}

interface Source {
  readonly source: string;
  readonly kind: ParamsDiagnostic;
}

function converted<T>(source: Source, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw conversionError(source, describeError(error), error);
  }
}

function conversionError({ source, kind }: Source, reason: string, cause?: unknown): RpcError {
  return new RpcError(kind, `error converting ${source} params to arguments: ${reason}`, { cause });
}

function textFromJson(value: unknown): string {
  if (typeof value !== "string") throw new TypeError(`expected a string, got ${JSON.stringify(value)}`);
  return value;
}

function decodeBase64(value: unknown): Uint8Array {
  const encoded = textFromJson(value);
  const decoded = Buffer.from(encoded, "base64");
  // Buffer skips what is not base64 and takes the URL alphabet, so only the way back shows whether it was all read.
  if (decoded.toString("base64") !== encoded) throw new TypeError("illegal base64 data");
  return decoded;
}

function decodeHex(value: string): Uint8Array | undefined {
  if (!/^0x/i.test(value)) return undefined;
  if (!/^0x(?:[0-9a-f]{2})*$/i.test(value)) throw new TypeError("illegal hexadecimal data");
  return Buffer.from(value.slice(2), "hex");
}

/** The text of a value that cannot be given in hex. */
function noHex(value: string, expected: string): string {
  if (/^0x/i.test(value)) throw new TypeError(`got a hex string arg, but expected '${expected}'`);
  return value;
}

function integerFromJson(value: unknown): number {
  if (typeof value !== "string" || !/^-?\d+$/.test(value)) {
    const reported = JSON.stringify(JSON.stringify(value));
    throw new TypeError(`invalid 64-bit integer encoding ${reported}, expected string`);
  }
  const integer = Number(value);
  if (!Number.isSafeInteger(integer)) throw new RangeError(`integer ${value} out of range`);
  return integer;
}
