import { operatorSchema } from "../topology/operator/contract.ts";

/** The contract with the operator, for policies that judge its objects. */
export const operatorSetting = operatorSchema.describe(
  "Settings that differ in your operator, as in `operator` of the topology file. Default: those of this release.",
);
