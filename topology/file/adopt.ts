import { z } from "zod";

/** Which objects of an app or a replication may be taken over: it has one object on each peer. */
export const adopt = z.union([z.literal(true), z.array(z.string().min(1)).min(1)]).optional();
