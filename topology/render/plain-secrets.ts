import { Finding, type Path } from "../findings/finding.ts";
import { type ClusterManifest, clusterManifests } from "../objects/cluster-manifests.ts";
import type { Plan } from "../plan/plan.ts";
import { rendering } from "../rules/rendering.ts";
import { secretsIn } from "../secrets/values.ts";
import { renderablePlan } from "./objects.ts";

/** A secret that a rendering would write in plain text. */
export interface PlainSecret {
  readonly cluster: string;
  /** The object that holds it, such as `BigPeer bp1`. */
  readonly object: string;
  /** The field of the object. */
  readonly field: Path;
  /** Its place in the topology. */
  readonly source: Path;
}

/** The secrets of a topology that are fields of its objects. Tokens of playgrounds are none: they are never written. */
export function plainSecrets(plan: Plan): PlainSecret[] {
  const rendered = renderablePlan(plan, new Map());
  return [...plan.clusters.keys()].flatMap((cluster) =>
    clusterManifests(rendered, cluster).flatMap((each) => {
      const { apiVersion, kind, metadata, ...fields } = each.manifest;
      return [...secretsIn(fields)].map(({ path }) => ({
        cluster,
        object: `${kind} ${metadata.name}`,
        field: path,
        source: sourceOf(plan, each, path),
      }));
    }),
  );
}

/** The findings that keep a rendering with plain secrets from being written, one for each place of the topology. */
export function plainSecretFindings(plan: Plan): Finding[] {
  const found = new Map(plainSecrets(plan).map((each) => [JSON.stringify(each.source), each]));
  return [...found.values()].map(
    ({ cluster, object, field, source }) =>
      new Finding(rendering.secret, {
        path: source,
        what: `\`${field.join(".")}\` of ${object} in ${cluster} would contain a secret in plain text`,
        fix: "put it into a Secret in the cluster and name that Secret in the operator's field for a Secret reference; if the repository may contain it, use `--allow-plain-secrets`",
      }),
  );
}

/** The setting behind a field of an object. What is passed through has the same path. */
function sourceOf({ operator }: Plan, { source, manifest }: ClusterManifest, field: Path): Path {
  const fields = manifest.kind === operator.kinds.bigPeer ? operator.fields.bigPeer : operator.fields.app;
  const [provider] = behind(field, fields.authProviders) ?? [];
  if (provider !== undefined) return [...source, "auth", "webhooks", provider, "url"];
  const image = "image" in fields ? behind(field, fields.image) : undefined;
  return [...source, ...(image ? ["image", ...image] : field)];
}

function behind(field: Path, setting: string): Path | undefined {
  const steps = setting.split(".");
  return steps.every((step, index) => field[index] === step) ? field.slice(steps.length) : undefined;
}
