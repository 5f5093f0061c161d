import { stringify } from "yaml";
import { type InitAnswers, type InitialWay, stackOf } from "./answers.ts";

/** The text of a new topology: a Big Peer in each cluster (two, where there is one cluster), an app that all of them serve, and one replication. */
export function topologyText(answers: InitAnswers): string {
  const { environment, clusters, bigPeerVersion } = answers;
  const [only] = clusters;
  const homes = clusters.length === 1 && only ? [only, only] : clusters;
  const peers = homes.map(({ name }, index) => ({ name: `bp${index + 1}`, cluster: scalar(name) }));
  const names = `[${peers.map(({ name }) => name).join(", ")}]`;
  const form = peers.length === 2 ? "between" : "mesh";
  const development = isDevelopment(environment);
  return `# yaml-language-server: $schema=../node_modules/bigpeer-topology/topology.schema.json
# The Big Peers of the environment "${environment}". docs/topology.md of bigpeer-topology describes every key.
# \`npx bigpeer check\` finds mistakes, \`npx bigpeer graph\` draws the topology, and \`pulumi preview\` shows what a change would do.

# In \`production\`, stricter rules apply: nobody signs in with a shared token, and nothing is deleted by accident.
environment: ${development ? "development" : "production"}

# Where Big Peers run. \`context\` is the name of the cluster's context in your kubeconfig.
clusters:
${clusters.map((cluster, index) => clusterText(answers, cluster, index)).join("\n")}

# The Big Peers. \`version\` is the version that runs; to upgrade, change it here.
peers:
${peers.map(({ name, cluster }, index) => `  ${name}: { cluster: ${cluster}, version: ${bigPeerVersion}${development && index === 0 ? ", auth: { playground: {} }" : ""} }`).join("\n")}

# Your apps, and which Big Peers serve them. If an app exists already, add its \`id\`; otherwise, one is generated and kept.
apps:
  cars: { peers: ${names} }

# Which documents replicate between which Big Peers: here, blue cars between all of them. Replace the collection and the query with your own.
replications:
  blue-cars: { app: cars, ${form}: ${names}, queries: { cars: ["color = 'blue'"] } }
`;
}

/** Whether the name of an environment says that it is for trying things out. Whatever else it is called counts as production. */
function isDevelopment(environment: string): boolean {
  return /^(dev|development|test|testing|staging|sandbox|lab)([-_.]|$)/.test(environment);
}

function clusterText(answers: InitAnswers, { name, context }: InitAnswers["clusters"][number], index: number): string {
  const settings = [
    ...(context === name ? [] : [`context: ${JSON.stringify(context)}`]),
    `namespace: ${scalar(answers.namespace)}`,
    ...(answers.stackPerCluster ? [`stack: ${scalar(stackOf(answers.environment, name))}`] : []),
    // In a mesh a peer dials those after it, so nobody dials the first.
    ...(index === 0 ? [] : [`exposure: ${exposures[answers.way](name, answers.domain)}`]),
  ];
  return `  ${scalar(name)}: { ${settings.join(", ")} }`;
}

const exposures: Readonly<Record<InitialWay, (cluster: string, domain: string | undefined) => string>> = {
  "load-balancer": (cluster, domain) => `{ loadBalancer: {${hostIn(cluster, domain)}} }`,
  "node-port": (cluster, domain) => `{ nodePort: {${hostIn(cluster, domain)}} }`,
  "ingress-nginx": (cluster, domain) => `{ ingressNginx: {${hostIn(cluster, domain, "ports: 4040-4139")}} }`,
  gateway: (cluster, domain) => `{ gateway: {${hostIn(cluster, domain, "name: tcp", "namespace: infra")}} }`,
  address: (cluster, domain) => `{ address: {${hostIn(cluster, domain)}} }`,
};

function hostIn(cluster: string, domain: string | undefined, ...others: readonly string[]): string {
  const settings = [...(domain === undefined ? [] : [`host: bp.${cluster}.${domain}`]), ...others];
  return settings.length === 0 ? "" : ` ${settings.join(", ")} `;
}

/** A text as YAML writes it: `true` and `123` are texts only in quotes. */
function scalar(text: string): string {
  return stringify(text).trim();
}
