/** Whether the memory of a node grew on and on. */
import { type Of, record } from "../../core/documents/form.ts";
import { flag, sixDigits, whole } from "../../core/documents/form-values.ts";

export const growthForm = record(
  "How resident memory changed after the first quarter of the window, by the least values of equal spans of time.",
  {
    bytesPerHour: whole("Median slope (Theil-Sen), bytes per hour."),
    bytesPerHourLow: whole("Lower end of its 95 % interval, bytes per hour.").optional(),
    bytesPerHourHigh: whole("Upper end of its 95 % interval, bytes per hour.").optional(),
    p: sixDigits("Mann-Kendall test: probability of as clear a trend by chance, two-sided.", {
      least: 0,
      most: 1,
    }),
    leaks: flag(
      "Whether it grew on: p below 0.01, and by the lower end of the slope at least 3 % in that time.",
    ),
  },
);

export interface Growth extends Of<typeof growthForm> {}
