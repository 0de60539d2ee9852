#!/usr/bin/env node
// What `npm start` runs: a short benchmark of a local committee that leaves nothing behind. Further flags override.
import launch from "./launch.cjs";

// A search chooses its loads itself.
const searches = process.argv.some((word) => /^--search(=|$)/.test(word));

launch("benchmark", [
  "--network-type=local",
  ...(searches ? [] : ["--local-loads=50,100,200"]),
  "--duration=10",
  "--warm-up=2",
  "--startup-wait=60",
  "--cleanup-thorough",
]);
