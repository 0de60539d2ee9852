/** Named maps: links files that come with Baleen, in the folder links/ of the package. */
import { readdirSync, readFileSync } from "node:fs";

const folder = new URL("../../links/", import.meta.url);
const extension = ".yaml";

/** By number, then by name: aws-3, aws-5, aws-10. */
export function listMaps(): readonly string[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith(extension))
    .map((file) => file.slice(0, -extension.length))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** The YAML text of a named map; undefined where there is none of this name. */
export function readMap(name: string): string | undefined {
  return listMaps().includes(name) ? readFileSync(new URL(`${name}${extension}`, folder), "utf8") : undefined;
}
