import { z } from "zod";

/** The objects of an app or a replication that may be taken over; each peer has one of them. */
export const adopt = z.union([z.literal(true), z.array(z.string().min(1)).min(1)]).optional();
