#!/usr/bin/env node
// What `npm start` runs: a short benchmark of a local committee that leaves nothing behind. Further flags override.
import launch from "./launch.cjs";

launch("benchmark", [
  "--network-type=local",
  "--local-loads=50,100,200",
  "--duration=10",
  "--warm-up=2",
  "--startup-wait=60",
  "--cleanup-thorough",
]);
