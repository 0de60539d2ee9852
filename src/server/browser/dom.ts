/** Elements, whose text is never markup. */

export type Child = Node | string | undefined;

interface Attributes {
  readonly [name: string]: string | number | boolean | undefined | ((event: Event) => void);
}

/** @param attributes by name; "class" and the like as they are, a function listens to the event of that name */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== undefined));
  return made;
}

/** What is somewhere, in place of what was there. */
export function show(place: Element, ...children: readonly Child[]): void {
  place.replaceChildren(...children.filter((child) => child !== undefined));
}

/** The text of an element, changed only where it differs: what is selected stays so. */
export function setText(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

export interface Column {
  readonly title: string;
  readonly isNumber?: boolean;
  readonly class?: string;
}

/** A table that may be wider than the page. */
export function table(columns: readonly Column[], rows: readonly (readonly Child[])[]): HTMLElement {
  const classOf = ({ isNumber, class: more }: Column) =>
    [isNumber === true ? "number" : "", more ?? ""].join(" ").trim() || undefined;
  const head = columns.map((column) => element("th", { scope: "col", class: classOf(column) }, column.title));
  const body = rows.map((row) =>
    element(
      "tr",
      {},
      ...row.map((cell, at) => element("td", { class: classOf(columns[at] ?? { title: "" }) }, cell)),
    ),
  );
  const grid = element(
    "table",
    {},
    element("thead", {}, element("tr", {}, ...head)),
    element("tbody", {}, ...body),
  );
  return element("div", { class: "scroll", tabindex: 0 }, grid);
}

/** Draws at most once for each frame, however often it is asked to. */
export function onFrame(draw: () => unknown): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    // A page that nobody sees has no frames, and is drawn when somebody does.
    requestAnimationFrame(() => {
      isAsked = false;
      draw();
    });
  };
}
