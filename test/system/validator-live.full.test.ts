/** The live checks: real validator processes under a steady load, killed, paused, cut off and robbed of their logs. */
import { describeLiveChecks } from "../live/live-checks.ts";

describeLiveChecks({ size: 4, rateTps: 100, minRoundDelayMs: 50 });
describeLiveChecks({ size: 7, rateTps: 70, minRoundDelayMs: 100 });
