/** Seeded chaos, long. */
import { describeChaos } from "../live/chaos-tests.ts";

describeChaos(120);
