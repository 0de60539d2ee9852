import { startByzantine } from "../validator/byzantine.ts";
import type { LiveCommittee } from "./committee.ts";

/**
 * Runs the last validator of a committee in this process: it signs two blocks in every round, one for those of even
 * authority, the other for the rest.
 */
export async function startEquivocator({ nodes }: LiveCommittee): Promise<Disposable> {
  const honest = nodes.slice(0, -1);
  const liar = nodes.at(-1);
  if (liar === undefined) throw new Error("there is no validator");
  return await startByzantine(liar.home, (proposal, { build, send }) => {
    const twins = ["one", "other"].map((text) =>
      build({ ...proposal, transactions: [Buffer.from(`${text} of ${proposal.round}`)] }),
    );
    for (const { authority } of honest) {
      const twin = twins[authority % 2];
      if (twin !== undefined) send(authority, twin);
    }
  });
}
