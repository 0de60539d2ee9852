import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

/** A package that is loaded when first used: HTTP, YAML, SSH and schemas take a tenth of a second each. */
export function onDemand<Module>(name: string): () => Module {
  let loaded: Module | undefined;
  return () => {
    loaded ??= load(name) as Module;
    return loaded;
  };
}
