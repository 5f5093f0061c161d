/** What belongs to the benchmark and cannot be had. */
export const unmeasured = [
  {
    part: "up",
    what: "OpenTofu with kubernetes_manifest",
    why:
      "the provider cannot be built from its module. kubernetes_manifest came with v2 of hashicorp/terraform-provider-kubernetes, whose " +
      "module path has no /v2, so Go knows v1.13.4 as its latest; and a provider from a registry would be a prebuilt binary",
  },
] as const;
