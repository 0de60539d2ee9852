/** The drawing library and the document that it draws in: loaded where something is drawn. */

export interface Kit {
  readonly plot: typeof import("@observablehq/plot");
  readonly document: { readonly createElement: (name: string) => Drawn };
}

/** An element of that document, as far as it is used here. */
export interface Drawn {
  readonly outerHTML: string;
  readonly innerHTML: string;
  textContent: string | null;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly querySelectorAll: (selector: string) => Iterable<Drawn>;
  readonly getAttribute: (name: string) => string | null;
  readonly setAttribute: (name: string, value: string) => void;
  readonly removeAttribute: (name: string) => void;
  readonly remove: () => void;
}

let opened: Promise<Kit> | undefined;

export function openKit(): Promise<Kit> {
  opened ??= load();
  return opened;
}

async function load(): Promise<Kit> {
  const [plot, { parseHTML }] = await Promise.all([import("@observablehq/plot"), import("linkedom")]);
  return { plot, document: parseHTML("<!doctype html><html><body></body></html>").document };
}
