import type { Rule } from "./rule.ts";

/** Two things that would be one object in Kubernetes. */
export const ambiguousName: Rule = {
  id: "ambiguous-name",
  severity: "error",
  summary: "Two apps, or two replications, would make one object of one name in one namespace.",
  why: "the second would overwrite the first, and one of the two would never work",
  source: "Kubernetes: a name is unique in its namespace; names here are composed, as `a-b` + `c` and `a` + `b-c` are",
  ignorable: false,
  *check({ plan }) {
    const owners = new Map<string, { owner: string; peer: string }>();
    const objects = [
      ...[...plan.apps.values()].flatMap((app) =>
        app.objects.map((object) => ({ ...object, section: "apps", owner: app.name })),
      ),
      ...[...plan.replications.values()].flatMap((replication) =>
        replication.sides.map((side) => ({ ...side, section: "replications", owner: replication.name })),
      ),
    ];
    for (const { section, owner, cluster, namespace, name, peer } of objects) {
      const key = [section, cluster, namespace, name].join("/");
      const other = owners.get(key);
      if (other === undefined) owners.set(key, { owner, peer });
      else if (other.owner !== owner)
        yield {
          path: [section, owner],
          part: "key",
          what: `on "${peer}" it would be ${namespace}/${name}, which is "${other.owner}" on "${other.peer}" already`,
          fix: "rename one of the two, or give one peer a namespace of its own",
        };
    }
  },
};
