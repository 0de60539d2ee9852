import { InvalidArgumentError } from "../../core/errors.ts";
import { seededRandom } from "../../core/random.ts";

/** Fillers that are kept; a sweep has one or two sizes at a time. */
const cachedTemplates = 8;

/** What transactions of one kind have in common. */
export interface TemplateOptions {
  readonly smallestBytes: number;
  readonly largestBytes: number;
  /** Tells fillers of one seed apart. */
  readonly name: string;
  /** Lays what all have in common over random bytes. */
  readonly finish: (bytes: Buffer) => void;
}

/**
 * Makes templates of transactions: as many bytes as asked for, the same ones for one size and seed. Each is kept, and
 * is to be copied.
 *
 * @throws InvalidArgumentError (the function that is returned) where there can be none of that size
 */
export function openTemplates(options: TemplateOptions): (sizeBytes: number, seed: number) => Buffer {
  const { smallestBytes, largestBytes } = options;
  const templates = new Map<string, Buffer>();
  return (sizeBytes, seed) => {
    const key = `${sizeBytes} ${seed}`;
    const known = templates.get(key);
    if (known !== undefined) return known;
    if (!(sizeBytes >= smallestBytes && sizeBytes <= largestBytes && Number.isInteger(sizeBytes))) {
      throw new InvalidArgumentError(
        `A transaction of ${sizeBytes} bytes cannot be made; choose a size from ${smallestBytes} to ${largestBytes} bytes.`,
      );
    }
    const made = randomBytesOf(sizeBytes, `${options.name} ${seed}`);
    options.finish(made);
    if (templates.size >= cachedTemplates) templates.clear();
    templates.set(key, made);
    return made;
  };
}

function randomBytesOf(sizeBytes: number, seed: string): Buffer {
  const random = seededRandom(seed);
  const words = Uint32Array.from({ length: Math.ceil(sizeBytes / 4) }, random.nextUint32);
  const bytes = Buffer.alloc(sizeBytes);
  for (let i = 0; i < sizeBytes; i++) bytes[i] = (words[i >> 2] ?? 0) >>> (8 * (i & 3));
  return bytes;
}
