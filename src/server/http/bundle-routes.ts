import { readdir, stat } from "node:fs/promises";
import { basename, join, relative, sep } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { compareSweeps } from "../../results/analysis/comparison/compare.ts";
import { buildComparisonJson } from "../../results/bundle/comparison-files.ts";
import { openBundleFile } from "../../results/bundle/files/bundle-file.ts";
import type { ListedBundle } from "../../results/bundle/list-bundles.ts";
import { readSide } from "../../results/bundle/reader.ts";
import { formatComparison } from "../../results/report/blocks/comparison.ts";
import type { BundleIndex } from "../feed/bundle-index.ts";
import { queryOf } from "./listen.ts";

/** A page of one bundle that others may have made: shown without scripts, and without a way to anywhere. */
const reportName = "report.html";
const sandbox = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";
/** Files of a bundle that are listed. */
const mostFiles = 5_000;
/** Comparisons that wait for others: each reads two bundles whole. */
const mostComparisons = 4;

/** Bundles: which there are, their files, and two of them compared. Names are looked up, never made into paths. */
export function addBundleRoutes(app: FastifyInstance, index: BundleIndex): void {
  const find = (request: FastifyRequest, name = "bundle") => index.find(queryOf(request, name));
  const unknown = (reply: FastifyReply) => reply.code(404).send({ error: "There is no such bundle." });

  app.get("/api/bundle", async (request, reply) => {
    const bundle = find(request);
    if (bundle === undefined) return unknown(reply);
    return { bundle, files: await listFiles(bundle.folder) };
  });

  app.get("/file", async (request, reply) => {
    const bundle = find(request);
    if (bundle === undefined) return unknown(reply);
    const path = queryOf(request, "path");
    reply.header("content-security-policy", sandbox);
    reply.header("content-disposition", `attachment; filename="${plainName(path)}"`);
    return await sendFile(reply, bundle, { path, type: "application/octet-stream" });
  });

  app.get("/report", async (request, reply) => {
    const bundle = find(request);
    if (bundle === undefined) return unknown(reply);
    reply.header("content-security-policy", sandbox);
    return await sendFile(reply, bundle, { path: reportName, type: "text/html; charset=utf-8" });
  });

  let waiting = 0;
  let last: Promise<unknown> = Promise.resolve();
  app.get("/api/compare", async (request, reply) => {
    const [a, b] = [find(request, "a"), find(request, "b")];
    if (a === undefined || b === undefined) return unknown(reply);
    if (waiting >= mostComparisons) return reply.code(503).send({ error: "Busy. Try again in a moment." });
    waiting++;
    const turn = last.then(() => compare(a, b)).finally(() => waiting--);
    last = turn.catch(() => undefined);
    return await turn;
  });
}

async function compare(a: ListedBundle, b: ListedBundle) {
  const comparison = compareSweeps(await readSide(a.folder), await readSide(b.folder));
  return { comparison: buildComparisonJson(comparison), text: formatComparison(comparison) };
}

interface ListedFile {
  /** Within the bundle, with forward slashes. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** Those that a manifest would list, and the manifest: no hidden ones. */
async function listFiles(folder: string): Promise<readonly ListedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split(sep).some((part) => part.startsWith(".")))
    .sort()
    .slice(0, mostFiles);
  return await Promise.all(
    paths.map(async (path) => ({
      path: path.split(sep).join("/"),
      sizeBytes: (await stat(join(folder, path))).size,
    })),
  );
}

async function sendFile(
  reply: FastifyReply,
  { folder }: ListedBundle,
  { path, type }: { readonly path: string; readonly type: string },
): Promise<unknown> {
  const found = (await listFiles(folder)).find((file) => file.path === path);
  if (found === undefined) {
    return reply.removeHeader("content-disposition").code(404).send({ error: "There is no such file." });
  }
  const file = await openBundleFile(join(folder, found.path), folder);
  return reply.type(type).send(file.createReadStream());
}

const plainName = (path: string) => basename(path).replaceAll(/[^\w.-]/g, "_");
