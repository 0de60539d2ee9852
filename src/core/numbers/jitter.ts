/** Random numbers of mean 0 and standard deviation 1, by the distributions that emulated links have. */
import type { Random } from "../random.ts";

type Sampler = (random: Random) => number;

/** Box and Muller (1958), one of the two numbers: state would make links depend on each other's packets. */
const normal: Sampler = (random) =>
  Math.sqrt(-2 * Math.log(1 - random.nextRatio())) * Math.cos(2 * Math.PI * random.nextRatio());

/** A Pareto variable of shape 3 from 1, cut at this, so that one packet of a million is not a minute late. */
const paretoMost = 10;
const paretoMean = 1.5 - 0.5 / paretoMost ** 2;
const paretoDeviation = Math.sqrt(3 - 2 / paretoMost - paretoMean ** 2);

const pareto: Sampler = (random) =>
  (Math.min(paretoMost, (1 - random.nextRatio()) ** (-1 / 3)) - paretoMean) / paretoDeviation;

/** Half the width of a uniform variable of standard deviation 1. */
const uniformHalfWidth = Math.sqrt(3);

const uniform: Sampler = (random) => uniformHalfWidth * (2 * random.nextRatio() - 1);

/** How far each delay lies from the mean, in standard deviations. A Pareto one is between -0.66 and 11.3 of them. */
export const samplers = { uniform, normal, pareto } as const;
