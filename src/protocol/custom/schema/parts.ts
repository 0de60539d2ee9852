/** Parts that the schema of descriptions is made of, besides those of all files. */
import { pointerPattern } from "../../../core/documents/json-pointer.ts";
import { makeCommonParts, type Zod } from "../../../core/documents/schema-parts.ts";

export type Parts = ReturnType<typeof makeParts>;

export const variables = "May contain variables, ${…}; $$ is a dollar sign.";

export function makeParts(z: Zod) {
  const common = makeCommonParts(z);
  const { said } = common;
  return {
    ...common,
    text: z.string().min(1),
    /** Texts of commands and environments may be written without quotes. */
    scalar: z.union([z.string(), z.number(), z.boolean()]),
    pointer: said(pointerPattern, "a JSON Pointer (RFC 6901), such as /result/height"),
    plane: z.enum(["rpc", "peer", "metrics"]),
    /** Those of nodes for one another are not open to the machine that runs Baleen where nodes are containers. */
    reachedPlane: z.enum(["rpc", "metrics"]),
    urlPath: said(/^\/[!-~]*$/u, "the path of a URL, from its first slash"),
  };
}
