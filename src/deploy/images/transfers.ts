import type { Emit, PassingBody } from "../../contracts/events.ts";
import type { Clock } from "../../core/clock.ts";

type ImageTransfer = Extract<PassingBody, { readonly type: "image-transfer" }>;

/** Shortest time between what is told of a host's transfer, but for its end. */
const reportEveryMs = 250;

/** Tells how far images on their way to hosts have come: four times a second for each, and always its end. */
export function openImageTransfers(emit: Emit, clock: Clock): (transfer: ImageTransfer) => void {
  const reportedMs = new Map<string, number>();
  return (transfer) => {
    const nowMs = clock.monotonicMs();
    const isEarly = nowMs - (reportedMs.get(transfer.host) ?? Number.NEGATIVE_INFINITY) < reportEveryMs;
    if (isEarly && transfer.sentBytes < transfer.totalBytes) return;
    reportedMs.set(transfer.host, nowMs);
    emit(transfer);
  };
}
