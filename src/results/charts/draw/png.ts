/** Pictures in pixels, of drawings. The library and its font are optional packages. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { inLightColours } from "./theme.ts";

let begun: Promise<unknown> | undefined;

/**
 * A drawing as PNG, in light colours, twice its size.
 *
 * @throws Error of Node.js where the packages are not installed
 */
export async function toPng(svg: string): Promise<Uint8Array> {
  const fileIn = (name: string) => readFile(fileURLToPath(import.meta.resolve(name)));
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  begun ??= fileIn("@resvg/resvg-wasm/index_bg.wasm").then(initWasm);
  await begun;
  const fontBuffers = await Promise.all(
    [400, 600].map((weight) => fileIn(`@fontsource/inter/files/inter-latin-${weight}-normal.woff2`)),
  );
  const fonts = { fontBuffers, defaultFontFamily: "Inter", sansSerifFamily: "Inter" };
  const drawing = new Resvg(inLightColours(svg), { font: fonts, fitTo: { mode: "zoom", value: 2 } });
  const rendered = drawing.render();
  try {
    return rendered.asPng();
  } finally {
    rendered.free();
    drawing.free();
  }
}
