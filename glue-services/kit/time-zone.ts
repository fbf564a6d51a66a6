import { Type } from "typebox";
import { ApiError } from "./api-error.ts";

/** A time zone in a query, by its name. Whether there is one of that name says `demandZone`. */
export const TimeZone = Type.String({
  pattern: "^[A-Za-z][A-Za-z0-9_+/-]{0,63}$",
  description: "Time zone whose midnight ends a day, such as Europe/Berlin. @default UTC",
});

/** @throws ApiError INVALID when there is no such zone */
export function demandZone(tz: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone: tz });
  } catch {
    throw new ApiError("INVALID", `${tz} is not a time zone. Write one such as Europe/Berlin.`);
  }
}
