// Writes docs/reference.md from the tables of commands and options.
import { writeFile } from "node:fs/promises";
import { formatReference } from "./reference-text.ts";

await writeFile(new URL("../docs/reference.md", import.meta.url), formatReference());
