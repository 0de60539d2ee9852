import type { Random } from "../../../../src/core/random.ts";
import {
  type Block,
  type BlockRef,
  buildBlock,
  chainDomain,
} from "../../../../src/validator/engine/consensus/block.ts";
import { buildCommittee } from "../../../../src/validator/engine/consensus/committee.ts";
import {
  type BlockRules,
  buildBlockRules,
  findInvalidity,
} from "../../../../src/validator/engine/consensus/validity.ts";

/** A DAG that a committee with at most f equivocators could have built over an asynchronous network. */
export interface RandomDag {
  readonly rules: BlockRules;
  /** Causes first. */
  readonly blocks: readonly Block[];
}

export interface DagShape {
  readonly authors: number;
  readonly leadersPerRound: number;
  readonly rounds: number;
  readonly gcDepth?: number;
}

/**
 * Draws a DAG of some rounds: authors fall silent, see parts of a round only, refer back, up to f equivocate, and the
 * blocks of some stay unseen by the others for many rounds.
 */
export function drawRandomDag(shape: DagShape, random: Random): RandomDag {
  const committee = buildCommittee(shape.authors, shape.leadersPerRound);
  const rules = buildBlockRules(committee, chainDomain("random"), shape);
  const authors = Array.from({ length: shape.authors }, (_, author) => author);
  const equivocators = new Set(shuffled(authors, random).slice(0, below(random, committee.faults + 1)));
  const laziness = random.nextRatio() * 0.5;
  const blocks: Block[] = [];
  const last = rules.genesis.map((ref) => [ref]);
  let previous: BlockRef[][] = last.map((refs) => [...refs]);
  /** Author → the round in which others see its blocks again. */
  const apart = new Map<number, number>();
  for (let round = 1; round <= shape.rounds; round++) {
    for (const [author, until] of apart) if (until === round) apart.delete(author);
    const present = authors.filter((author) => !apart.has(author));
    const spare = shuffled(present, random).slice(0, committee.faults - apart.size);
    if (spare[0] !== undefined && random.nextRatio() < 0.1)
      apart.set(spare[0], round + 2 + below(random, 12));
    const silent = new Set(spare.filter((author) => !apart.has(author) && random.nextRatio() < laziness));
    const seen = blocks.filter(({ ref }) => !apart.has(ref.author));
    const current: BlockRef[][] = authors.map(() => []);
    for (const author of shuffled(authors, random)) {
      if (silent.has(author)) continue;
      const twins = equivocators.has(author) ? 1 + below(random, 3) : 1;
      for (let twin = 0; twin < twins; twin++) {
        const own = pick(last[author] ?? [], random);
        const refs = drawRefs({ own, round, previous, blocks: seen }, committee.quorum, random);
        const content = { author, round, refs, transactions: [Buffer.of(below(random, 40))] };
        const block = buildBlock({ ...content, timestampMs: round * 50 + twin }, rules.domain, () =>
          Buffer.alloc(64),
        );
        const invalidity = findInvalidity(block, rules);
        if (invalidity !== undefined) throw new Error(`the generator drew an invalid block: ${invalidity}`);
        if (!blocks.some((each) => each.ref.key === block.ref.key)) blocks.push(block);
        current[author]?.push(block.ref);
      }
    }
    current.forEach((refs, author) => {
      if (refs.length > 0) last[author] = refs;
    });
    previous = current.map((refs, author) => (apart.has(author) ? [] : refs));
  }
  return { rules, blocks };
}

/** The blocks that some of the DAG's blocks lead to, themselves included, causes first. */
export function drawClosedSubset(dag: RandomDag, random: Random): Block[] {
  const byKey = new Map(dag.blocks.map((block) => [block.ref.key, block]));
  const wanted = new Set<string>();
  const pending = Array.from({ length: 1 + below(random, 4) }, () => pick(dag.blocks, random));
  for (let block = pending.pop(); block !== undefined; block = pending.pop()) {
    if (wanted.has(block.ref.key)) continue;
    wanted.add(block.ref.key);
    for (const { key } of block.refs) {
      const cause = byKey.get(key);
      if (cause !== undefined) pending.push(cause);
    }
  }
  return dag.blocks.filter((block) => wanted.has(block.ref.key));
}

export function shuffled<T>(items: readonly T[], random: Random): T[] {
  const order = items.map((item) => ({ item, at: random.nextUint32() }));
  return order.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

export function below(random: Random, limit: number): number {
  return random.nextUint32() % limit;
}

function pick<T>(items: readonly T[], random: Random): T {
  return items[below(random, items.length)] as T;
}

function drawRefs(
  seen: { own: BlockRef; round: number; previous: readonly BlockRef[][]; blocks: readonly Block[] },
  quorum: number,
  random: Random,
): BlockRef[] {
  const { own, round, previous, blocks } = seen;
  const refs = [own];
  const others = previous.filter((twins) => twins.length > 0 && twins[0]?.author !== own.author);
  const needed = own.round === round - 1 ? quorum - 1 : quorum;
  const count = Math.min(others.length, needed + below(random, others.length - needed + 1));
  for (const twins of shuffled(others, random).slice(0, count)) refs.push(pick(twins, random));
  const used = new Set(refs.map((ref) => `${ref.round}/${ref.author}`));
  for (let i = below(random, 3); i > 0 && blocks.length > 0; i--) {
    const { ref } = pick(blocks, random);
    const place = `${ref.round}/${ref.author}`;
    if (ref.round >= round - 1 || ref.author === own.author || used.has(place)) continue;
    used.add(place);
    refs.push(ref);
  }
  return refs;
}
