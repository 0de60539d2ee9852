/** Seeded chaos, short; the long form is in validator-chaos.full.test.ts. */
import { describeChaos } from "../live/chaos-tests.ts";

describeChaos(20);
