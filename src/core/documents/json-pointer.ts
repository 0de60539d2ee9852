import { InvalidArgumentError } from "../errors.ts";

/** What is wrong with a text as a JSON Pointer, without a full stop; undefined: nothing. @see RFC 6901 */
export function findPointerDiagnostic(pointer: string): string | undefined {
  if (pointer !== "" && !pointer.startsWith("/")) return "must be empty, or begin with /";
  return /~(?![01])/.test(pointer) ? "has a ~ that is neither ~0 (for ~) nor ~1 (for /)" : undefined;
}

/**
 * @returns a reader of one place in values that came as JSON: null included; undefined where nothing stands
 * @throws InvalidArgumentError for a text that is no JSON Pointer
 */
export function compilePointer(pointer: string): (value: unknown) => unknown {
  const diagnostic = findPointerDiagnostic(pointer);
  if (diagnostic !== undefined)
    throw new InvalidArgumentError(`JSON Pointer ${JSON.stringify(pointer)} ${diagnostic}.`);
  const parts = pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  return (value) => {
    let place = value;
    for (const part of parts) {
      if (typeof place !== "object" || place === null) return undefined;
      if (Array.isArray(place) ? !/^(?:0|[1-9]\d*)$/.test(part) : !Object.hasOwn(place, part))
        return undefined;
      place = (place as Readonly<Record<string, unknown>>)[part];
    }
    return place;
  };
}

export function readPointer(value: unknown, pointer: string): unknown {
  return compilePointer(pointer)(value);
}
