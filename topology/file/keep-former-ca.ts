import { z } from "zod";
import { advised } from "./advised.ts";
import { lengthOfTime } from "./length-of-time.ts";

/** How long a former CA is trusted, of one peer and of all. */
export const keepFormerCa = advised(z.string(), (text) => lengthOfTime.test(text), {
  what: "is not a length of time",
  why: "it would be unclear how long a former CA is trusted",
  fix: "write whole days or hours, such as 90d or 36h; 0d for not at all",
});
