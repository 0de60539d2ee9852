/** Parts of the plans of several protocols. */
import type { ForeignProgram, NodeFile } from "../contracts/deployment.ts";
import type { RunParameters } from "../contracts/results/run-parameters.ts";

/**
 * A foreign program as it runs: where a user chose a file or an image, the adapter's own count for neither. Where a file
 * was named and no image, containers run an image that is made of it, which starts just that.
 */
export function programOf(
  { entrypoint, ...own }: Omit<ForeignProgram, "kind">,
  { path, image }: RunParameters["program"] = {},
): ForeignProgram {
  const named = image ?? (path === undefined ? own.image : undefined);
  return {
    kind: "foreign-program",
    ...own,
    path: path ?? (image === undefined ? own.path : undefined),
    image: named,
    ...(named === undefined ? {} : { entrypoint }),
  };
}

export function jsonFile(path: string, content: unknown, mode: number): NodeFile {
  return { path, content: `${JSON.stringify(content, null, 2)}\n`, mode };
}
