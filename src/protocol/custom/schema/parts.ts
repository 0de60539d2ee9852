/** Parts that the JSON Schema of descriptions is made of. */

export const variables = "May hold variables, ${…}; $$ is a dollar.";

export const text = { type: "string", minLength: 1 };
export const line = { type: "string", pattern: "^[^\\r\\n]+$", description: "a line of text" };
export const word = {
  type: "string",
  pattern: "^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$",
  description: "lower case letters and digits, in words with a dash between",
};
export const scalar = { type: ["string", "number", "boolean"] };
export const pointer = {
  type: "string",
  pattern: "^(/([^~/]|~[01])*)*$",
  description: "a JSON Pointer (RFC 6901), as /result/height",
};
export const plane = { enum: ["rpc", "peer", "metrics"] };
/** Those of nodes for one another are not open to the machine that runs Baleen where nodes are containers. */
export const reachedPlane = { enum: ["rpc", "metrics"] };
export const urlPath = {
  type: "string",
  pattern: "^/[!-~]*$",
  description: "a path of a URL, from its first slash",
};

export function table(properties: Record<string, object>, required: readonly string[] = []) {
  return { type: "object", additionalProperties: false, required, properties };
}

/** A table whose keys the user chooses. */
export function named(values: object, names: object = word) {
  return { type: "object", propertyNames: names, additionalProperties: values };
}

/** Help for editors; a part that says in its description what it must be keeps that for diagnostics. */
export function about(help: string, part: object) {
  return "description" in part ? { ...part, title: help } : { ...part, description: help };
}
