import XmlBuilder from "fast-xml-builder";
import { formatForeignLines } from "../../../core/text/foreign-text.ts";

/** An element: its attributes, and what stands in it. */
export interface XmlElement {
  readonly name: string;
  /** Those that are undefined are left out. */
  readonly attributes?: Readonly<Record<string, string | number | undefined>>;
  readonly children?: readonly (XmlElement | string)[];
}

/** What XML 1.0 has no way to write, besides control characters: half characters among it. */
const unwritable = /[\ufffe\uffff]|\p{Cs}/gu;

const attributeGroup = ":@";
const textName = "#text";

function toOrdered(node: XmlElement | string): Record<string, unknown> {
  if (typeof node === "string") return { [textName]: clean(node) };
  const attributes = Object.entries(node.attributes ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, clean(String(value))]],
  );
  return {
    [node.name]: (node.children ?? []).map(toOrdered),
    [attributeGroup]: Object.fromEntries(attributes) as unknown,
  };
}

const clean = (text: string) => formatForeignLines(text).replace(unwritable, " ");

/** A document with its declaration. Foreign text is escaped; what XML cannot hold becomes a space. */
export function formatXml(root: XmlElement): string {
  const builder = new XmlBuilder({
    preserveOrder: true,
    ignoreAttributes: false,
    attributeNamePrefix: "",
    textNodeName: textName,
    suppressEmptyNode: true,
    suppressBooleanAttributes: false,
    format: true,
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build([toOrdered(root)]).trim()}\n`;
}
