/** Emulated links as tables: the one-way delays, and below them what else is set. */
import type { LinkMatrix, LinksTitle } from "../../../contracts/links/matrix.ts";
import { type LinkShape, lossRatioOf, shapeForm } from "../../../contracts/links/shape.ts";
import { present } from "../../../core/documents/numbers.ts";
import { writeForm } from "../../../core/documents/write-form.ts";
import { bitRate, byteSize, formatQuantity } from "../../../core/quantity.ts";
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { entryLines, formatAsked, formatCountOf } from "../text/figures.ts";
import { type Column, formatTable, left, right } from "../text/table.ts";
import { wrap } from "../text/wrap.ts";

/** Of more nodes, their regions are shown. */
export const mostNodes = 12;
export const widest = 100;
/** Pairs that one line names. */
const mostPairs = 4;

/** A place in a square table. */
interface Label {
  readonly name: string;
  /** Beside it. */
  readonly detail: string;
}

interface Square {
  readonly labels: readonly Label[];
  /** Of the details. */
  readonly head: string;
  readonly shapeOf: (from: number, to: number) => LinkShape | undefined;
}

export interface NamedLinks extends LinksTitle {
  /** Of a map, or the path of a file. */
  readonly name: string;
}

/** Title, delays, and what else is set. Ends without a line break. */
export function formatLinks(links: NamedLinks, matrix: LinkMatrix): string {
  const { nodes, regions } = matrix;
  const count = formatCountOf(nodes.length, "node");
  const square = nodes.length > mostNodes && regions.length > 0 ? regionSquare(matrix) : nodeSquare(matrix);
  const fits = square.labels.length <= mostNodes;
  return [
    ...formatTitle(links),
    "",
    ...(fits ? [`One-way delay in ms, from row to column; ${count}`, formatSquare(square)] : [count]),
    "",
    ...describeOthers(matrix, !fits),
  ].join("\n");
}

function formatTitle({ name, title, source, date, note }: NamedLinks): string[] {
  const clean = (text: string | undefined) => text && formatForeign(text);
  return [
    formatForeign(title === undefined ? name : `${name}: ${title}`),
    ...entryLines([
      ["Source", clean(source)],
      ["Date", clean(date)],
      ["Note", clean(note)],
    ]).flatMap((line) =>
      wrap(line.trim(), widest - 4).map((part, at) => `${at === 0 ? "  " : "    "}${part}`),
    ),
  ];
}

function nodeSquare({ nodes, shapes, regions }: LinkMatrix): Square {
  return {
    labels: nodes.map(({ name, region = "" }) => ({ name, detail: region })),
    head: regions.length === 0 ? "" : "Region",
    shapeOf: (from, to) => shapes[from]?.[to],
  };
}

function regionSquare({ nodes, regions, regionShapes }: LinkMatrix): Square {
  const nodesOf = (region: string) => nodes.filter((node) => node.region === region).length;
  return {
    labels: regions.map((name) => ({ name, detail: String(nodesOf(name)) })),
    head: "Nodes",
    shapeOf: (from, to) => regionShapes[from]?.[to],
  };
}

/** Columns have the names of the rows, or their numbers where names would not fit. */
export function formatSquare(square: Square): string {
  const named = formatTable(columnsOf(square, false), [...square.labels.keys()]);
  const isWide = named.split("\n").some((line) => line.length > widest);
  return isWide ? formatTable(columnsOf(square, true), [...square.labels.keys()]) : named;
}

function columnsOf({ labels, head, shapeOf }: Square, numbered: boolean): Column<number>[] {
  return [
    ...(numbered ? [right<number>("#", (row) => String(row + 1))] : []),
    left("From", (row) => labels[row]?.name ?? ""),
    ...(head === "" ? [] : [left<number>(head, (row) => labels[row]?.detail ?? "")]),
    ...labels.map(({ name }, column) =>
      right<number>(numbered ? String(column + 1) : name, (row) => delayCell(shapeOf(row, column))),
    ),
  ];
}

function delayCell(shape: LinkShape | undefined): string {
  if (shape === undefined) return "-";
  return shape.down ? "down" : formatAsked(shape.delayMs);
}

/** Jitter, loss, rate and the like: one line where all links have the same, else one for each kind of link. */
function describeOthers({ nodes, shapes, clients }: LinkMatrix, withDelay: boolean): string[] {
  const links = nodes.flatMap((from, row) =>
    nodes.flatMap((to, column) => {
      const shape = shapes[row]?.[column];
      if (shape === undefined) return [];
      const text = shape.down ? "down" : describeShape(shape, withDelay);
      return [{ text, pair: `${from.name} to ${to.name}` }];
    }),
  );
  const kinds = Map.groupBy(links, ({ text }) => text);
  const up = [...kinds].filter(([text]) => text !== "down");
  const down = kinds.get("down")?.length ?? 0;
  const lines =
    up.length === 1
      ? up.map(([text]) => `All links: ${text}`)
      : up.map(([text, same]) => `${formatPairs(same.map(({ pair }) => pair))}: ${text}`);
  return [
    ...lines,
    ...(down === 0
      ? []
      : [`Down: ${formatCountOf(down, "direction")} of ${nodes.length * (nodes.length - 1)}`]),
    clients === undefined ? "Clients: not shaped" : `Clients: ${describeShape(clients, true)}`,
  ];
}

function formatPairs(pairs: readonly string[]): string {
  const more = pairs.length - mostPairs;
  return more > 1 ? `${pairs.slice(0, mostPairs).join(", ")} and ${more} more` : pairs.join(", ");
}

function describeShape(shape: LinkShape, withDelay: boolean): string {
  const { delayMs, jitter, loss, rateBps, queue, duplicateRatio, reorderRatio, corruptRatio, down } = shape;
  if (down) return "down";
  const room = queue.kind === "time" ? `${formatAsked(queue.ms)} ms` : formatQuantity(queue.bytes, byteSize);
  const percentOf = (ratio: number) => `${Number((ratio * 100).toPrecision(3))}%`;
  const parts = [
    ...(withDelay ? [`delay ${formatAsked(delayMs)} ms`] : []),
    ...(jitter === undefined
      ? []
      : [`jitter ${formatAsked(jitter.deviationMs)} ms (${jitter.distribution})`]),
    ...(loss === undefined
      ? ["no loss"]
      : [`loss ${percentOf(lossRatioOf(loss))}${loss.kind === "independent" ? "" : " in bursts"}`]),
    rateBps === undefined ? "no rate limit" : `rate ${formatQuantity(rateBps, bitRate)}, queue ${room}`,
    ...(duplicateRatio === 0 ? [] : [`duplicates ${percentOf(duplicateRatio)}`]),
    ...(reorderRatio === 0 ? [] : [`reordered ${percentOf(reorderRatio)}`]),
    ...(corruptRatio === 0 ? [] : [`corrupted ${percentOf(corruptRatio)}`]),
  ];
  return parts.join(", ");
}

/** The named maps. Ends without a line break. */
export function formatMaps(maps: readonly NamedLinks[]): string {
  return [
    formatTable(
      [
        left<NamedLinks>("Map", ({ name }) => name),
        left<NamedLinks>("Figures\nof", ({ date = "" }) => date),
        left<NamedLinks>("Links", ({ title = "" }) => title),
      ],
      maps,
    ),
    "",
    "baleen links NAME shows the links of a map, and where its figures come from.",
  ].join("\n");
}

/** The published form of the named maps. */
export function buildMapsJson(maps: readonly NamedLinks[]) {
  return {
    schema: "baleen.link-maps/1",
    maps: maps.map(({ name, title, source, date, note }) => present({ name, title, source, date, note })),
  };
}

/** The published form of links: every ordered pair. */
export function buildLinksJson({ name, title, source, date, note }: NamedLinks, matrix: LinkMatrix) {
  const { nodes, shapes, clients } = matrix;
  return present({
    schema: "baleen.links/1",
    name,
    title,
    source,
    date,
    note,
    nodes: nodes.map(({ name, group, host, region }) => present({ name, group, host, region })),
    links: nodes.flatMap((from, row) =>
      nodes.flatMap((to, column) => {
        const shape = shapes[row]?.[column];
        return shape === undefined ? [] : [{ from: from.name, to: to.name, ...writeForm(shapeForm, shape) }];
      }),
    ),
    clients: clients && writeForm(shapeForm, clients),
  });
}
