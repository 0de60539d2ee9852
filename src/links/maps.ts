/** Files that come with Baleen, known by name: links files in the folder links/ of the package, and timelines. */
import { readdirSync, readFileSync } from "node:fs";
import type { ErrorCode } from "../core/error-codes.ts";

/** Files of one kind, each with a name. */
export interface NamedFiles {
  /** What a name stands for, plural. */
  readonly noun: string;
  readonly codes: { readonly file: ErrorCode; readonly name: ErrorCode };
  /** By number, then by name: aws-3, aws-5, aws-10. */
  readonly list: () => readonly string[];
  /** The YAML text of a name; undefined where there is none. */
  readonly read: (name: string) => string | undefined;
}

const extension = ".yaml";

function openFolder(name: string): Pick<NamedFiles, "list" | "read"> {
  const folder = new URL(`../../${name}/`, import.meta.url);
  const list = () =>
    readdirSync(folder)
      .filter((file) => file.endsWith(extension))
      .map((file) => file.slice(0, -extension.length))
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const read = (one: string) =>
    list().includes(one) ? readFileSync(new URL(`${one}${extension}`, folder), "utf8") : undefined;
  return { list, read };
}

/** Named maps of links. */
export const namedMaps: NamedFiles = {
  noun: "links",
  codes: { file: "links-file", name: "links-name" },
  ...openFolder("links"),
};

/** Timelines that come with Baleen, in the folder timelines/ of the package. */
export const namedTimelines: NamedFiles = {
  noun: "timeline",
  codes: { file: "timeline-file", name: "timeline-name" },
  ...openFolder("timelines"),
};
