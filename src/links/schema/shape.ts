/** The parts of a schema that say what a shape is, in a links file and in a timeline. */
import type * as z from "zod";
import { jitterDistributions } from "../../contracts/links/shape.ts";
import { about, makeCommonParts, type Zod } from "../../core/documents/schema-parts.ts";
import {
  bitRate,
  byteSize,
  duration,
  parseQuantity,
  type QuantityKind,
  share,
  waitingTime,
} from "../../core/quantity.ts";

/** Of a queue: a time where the unit is one of time, else bytes. */
export const queueKindOf = (text: string): QuantityKind => (/s\s*$/i.test(text) ? waitingTime : byteSize);

/** What stands for no limit. */
export const unlimited = "unlimited";

/** What is wrong with a rate, which may also be `unlimited`. */
export const rateProblem = (given: unknown): string | undefined =>
  given === unlimited ? undefined : problemOf(given, bitRate);

export function problemOf(given: unknown, kind: QuantityKind): string | undefined {
  const parsed = parseQuantity(given, kind);
  return "problem" in parsed ? parsed.problem : undefined;
}

function queueProblem(given: unknown): string | undefined {
  const problem = problemOf(given, typeof given === "string" ? queueKindOf(given) : byteSize);
  return problem?.replace(byteSize.expected, `a time such as 50ms, or ${byteSize.expected}`);
}

export function makeShapeParts(z: Zod) {
  const { said } = makeCommonParts(z);
  const name = said(
    /^[A-Za-z0-9][A-Za-z0-9_.-]*$/u,
    "a name of letters, digits, dots, dashes and underscores",
  );

  /** A text that is checked by `problem`, which says what is wrong with it. */
  const checked = (problem: (given: unknown) => string | undefined, help: string) =>
    z
      .string({ error: ({ input }) => problem(input) })
      .refine((text) => problem(text) === undefined, { error: ({ input }) => problem(input) })
      .meta({ description: help });
  const needed = (help: string, kind: QuantityKind) =>
    checked((given) => problemOf(given, kind), `${help}: ${kind.expected}.`);
  const quantity = (help: string, kind: QuantityKind) => needed(help, kind).optional();

  /** Keys of which there are values between any two. */
  const gradual = {
    delay: quantity("One-way delay, half of a symmetric round trip", duration),
    jitter: quantity("Standard deviation of the delay", duration),
    loss: quantity("Share of packets that are lost, each by itself", share),
    duplicate: quantity("Share of packets that arrive twice", share),
    reorder: quantity("Share of packets that skip the delay, and so overtake others", share),
    corrupt: quantity("Share of packets with one bit flipped", share),
  };

  const shape = {
    delay: gradual.delay,
    jitter: gradual.jitter,
    "jitter-distribution": about("Default: normal.", z.enum(["none", ...jitterDistributions])).optional(),
    loss: gradual.loss,
    "loss-bursts": about(
      "Losses in bursts (Gilbert-Elliott).",
      z.strictObject({
        p: checked((given) => problemOf(given, share), "Probability to enter a burst, for each packet."),
        r: checked(
          (given) => problemOf(given, share),
          "Probability to leave a burst; a burst lasts 1/r packets.",
        ),
        good: quantity("Loss outside of bursts (default 0%)", share),
        bad: quantity("Loss within bursts (default 100%)", share),
      }),
    ).optional(),
    rate: checked(rateProblem, `${bitRate.expected}, or ${unlimited}.`).optional(),
    queue: checked(
      queueProblem,
      "What may wait for the rate: a time such as 50ms (the default), or a size such as 64kB.",
    ).optional(),
    duplicate: gradual.duplicate,
    reorder: gradual.reorder,
    corrupt: gradual.corrupt,
    down: about("Whether nothing passes.", z.boolean()).optional(),
  };

  return { name, needed, quantity, shape, gradual: { ...gradual, rate: quantity("Rate", bitRate) } };
}

export type ShapeParts = ReturnType<typeof makeShapeParts>;
export type ShapeEntry = z.infer<z.ZodObject<ShapeParts["shape"]>>;
