// Writes docs/reference.md from the tables of commands and options, and docs/library.md from the library's exports.
import { writeFile } from "node:fs/promises";
import { formatLibrary } from "./library-text.ts";
import { formatReference } from "./reference-text.ts";

await writeFile(new URL("../docs/reference.md", import.meta.url), formatReference());
await writeFile(new URL("../docs/library.md", import.meta.url), await formatLibrary());
