import type { YamlWithLines } from "../core/documents/yaml.ts";

/** A file that somebody named, with what stands in it. */
export interface NamedFile {
  readonly path: string;
  readonly text: string;
  /** Where it is a part of a larger YAML file: that part, which counts in place of the text. */
  readonly part?: YamlWithLines | undefined;
}
