import "../../../program/diagnostic-reports.cjs";
import { serve } from "../serve.ts";
import { KubernetesProvider } from "./kubernetes-provider.ts";

await serve(new KubernetesProvider());
