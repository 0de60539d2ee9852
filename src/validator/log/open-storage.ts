import type { EngineStorage } from "../engine/storage.ts";
import { BlockStore } from "./block-store.ts";
import { Journal, type JournalParts } from "./journal.ts";

/**
 * Keeps an engine's state in a write-ahead log.
 *
 * @throws LogError where the log is another network's or validator's
 */
export function openStorage(parts: JournalParts): EngineStorage {
  return {
    log: new Journal(parts),
    openBlocks: (dag, format, authors) => new BlockStore(parts.log, { dag, format, authors }),
  };
}
