// Replaces one file for ever, saying "written" after each time, until it is killed.
import { writeFileAtomically } from "../../src/results/bundle/files/atomic-file.ts";

const [path = ""] = process.argv.slice(2);
for (let version = 1; ; version++) {
  // A size that changes, so that a half-written or mixed file cannot look whole.
  const filler = String(version % 10).repeat(4_000_000 + (version % 7) * 500_000);
  await writeFileAtomically(path, `${filler.length}:${filler}\n`);
  process.stdout.write("written\n");
}
