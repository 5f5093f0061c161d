import { operatorSchema } from "../topology/operator/contract.ts";

/** The contract with the operator, for policies that judge its objects. */
export const operatorSetting = operatorSchema.describe(
  "What differs in your operator: the same as `operator` in the topology file. Default: this release's knowledge of it.",
);
