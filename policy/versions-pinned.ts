import semver from "semver";
import { z } from "zod";
import { type CompanyPolicy, fieldAt, isBigPeer, isRecord, type Violation } from "./company-policy.ts";
import { operatorSetting } from "./operator-setting.ts";

const settings = z.strictObject({
  range: z
    .string()
    .refine((range) => semver.validRange(range) !== null, "a range of versions such as >=1.63.0 <2")
    .default("*")
    .describe("Versions that are approved, as npm writes ranges: `>=1.63.0 <2`. Default: any."),
  operator: operatorSetting,
});

/** Every Big Peer runs a version that somebody has chosen deliberately. */
export const versionsPinned: CompanyPolicy<typeof settings> = {
  name: "versions-pinned",
  description: "Every Big Peer names the exact version that it runs, and the version is approved.",
  severity: "high",
  judges: "declared",
  settings,
  judge(resource, { range, operator }) {
    if (!isBigPeer(resource, operator)) return [];
    const fields = operator.fields.bigPeer;
    const version = fieldAt(resource.properties, fields.version);
    const image = fieldAt(resource.properties, fields.image);
    return [...versionViolations(version, fields.version, range), ...floatingTags(image, fields.image)];
  },
};

function versionViolations(version: unknown, path: string, range: string): Violation[] {
  if (typeof version !== "string" || !/^\d+\.\d+\.\d+$/.test(version)) {
    const found = version === undefined ? "is not set" : `is ${JSON.stringify(version)}, which is not one version`;
    return [
      {
        what: `${path} ${found}`,
        why: "the version could change without an update, at a time that nobody has chosen",
        fix: "write three numbers, such as `version: 1.63.2`",
      },
    ];
  }
  if (semver.satisfies(version, range)) return [];
  return [
    {
      what: `${path} is ${version}, but only ${range} is approved`,
      why: "you may be unable to support a version that has not been approved, and it may lack your fixes",
      fix: `write a version within ${range}, or have the range changed (versions-pinned.range)`,
    },
  ];
}

/** Images whose tag may point to something else tomorrow. A digest never does. */
function floatingTags(value: unknown, path: string): Violation[] {
  if (isRecord(value)) return Object.entries(value).flatMap(([key, inner]) => floatingTags(inner, `${path}.${key}`));
  if (typeof value !== "string" || value.includes("@sha256:")) return [];
  const tag = /(^|\.)tag$/i.test(path) ? value : /:([^:/]+)$/.exec(value)?.[1];
  if (tag === undefined || /\d/.test(tag)) return [];
  return [
    {
      what: `${path} is ${JSON.stringify(value)}, a tag that moves`,
      why: "each restart of a pod may run a different image",
      fix: "write the tag of a version, or a digest (`@sha256:…`), or leave the image to the operator",
    },
  ];
}
