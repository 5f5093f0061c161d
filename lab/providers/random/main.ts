import "../../../program/diagnostic-reports.cjs";
import { serve } from "../serve.ts";
import { RandomProvider } from "./random-provider.ts";

await serve(new RandomProvider());
