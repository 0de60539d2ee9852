/** How files write positions. */
import type { Zod } from "../../core/documents/schema-parts.ts";

/** Metres from the origin: farther than anything on the earth. */
const mostMetres = 100_000_000;

export function makePosition(z: Zod) {
  const coordinate = z.number().min(-mostMetres).max(mostMetres);
  return z
    .union([z.tuple([coordinate, coordinate]), z.tuple([coordinate, coordinate, coordinate])])
    .describe("[x, y] or [x, y, z] in metres, or [longitude, latitude] in degrees");
}
