import { operatorSchema } from "../topology/operator/contract.ts";

/** The operator contract, for policies that judge the operator's objects. */
export const operatorSetting = operatorSchema.describe(
  "Settings that differ in your operator, as in `operator` of the topology file. Default: those of this release.",
);
