import { InvalidArgumentError } from "../errors.ts";

/** A JSON Pointer (RFC 6901). */
export const pointerPattern = /^(\/([^~/]|~[01])*)*$/u;

/**
 * @returns a reader of one place in values that came as JSON: null included; undefined where nothing stands
 * @throws InvalidArgumentError for a text that is no JSON Pointer
 */
export function compilePointer(pointer: string): (value: unknown) => unknown {
  if (!pointerPattern.test(pointer)) {
    throw new InvalidArgumentError(`${JSON.stringify(pointer)} is not a JSON Pointer (RFC 6901).`);
  }
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
