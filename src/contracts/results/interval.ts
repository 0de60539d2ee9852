import { type Of, record } from "../../core/documents/form.ts";
import { sixDigits } from "../../core/documents/form-values.ts";

export const interval = (about: string) =>
  record(about, { low: sixDigits("Lower end."), high: sixDigits("Upper end.") });

/** 95 % confidence interval. */
export interface Interval extends Of<ReturnType<typeof interval>> {}
