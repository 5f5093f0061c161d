import { expect, test } from "vitest";
import { askFor, defaultAnswers, isComplete } from "../../../init/questions.ts";

const known = { names: ["east", "west", "north"], current: "west" };

/** Types the answers one after the other, and keeps the questions. */
function typed(...answers: string[]) {
  const questions: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    const answer = answers.shift();
    if (answer === undefined) throw new Error(`nobody answers ${question}`);
    return answer;
  };
  return { ask, questions };
}

test("three questions settle a project of several clusters: which contexts, which namespace, which way", async () => {
  const { ask, questions } = typed("1 north", "big-peers", "node-port example.com");
  expect(await askFor({}, known, ask)).toEqual({
    contexts: ["east", "north"],
    namespace: "big-peers",
    way: "node-port",
    domain: "example.com",
  });
  expect(questions).toHaveLength(3);
  expect(questions[0]).toContain("  2) west\n");
});

test("one cluster is reached by nobody else, so two questions are enough", async () => {
  const { ask, questions } = typed("", "");
  expect(await askFor({}, known, ask)).toEqual({ ...defaultAnswers(known), contexts: ["west"] });
  expect(questions).toHaveLength(2);
});

test("what an option has answered is not asked, and without a kubeconfig there is nothing to choose from", async () => {
  const { ask, questions } = typed("");
  const given = { contexts: ["east", "west"], namespace: "ditto" };
  expect(await askFor(given, known, ask)).toMatchObject({ way: "load-balancer", domain: undefined });
  expect(questions).toHaveLength(1);
  expect(await askFor({}, { names: [], current: undefined }, typed("").ask)).toMatchObject({ contexts: ["dev"] });
  expect(isComplete(given)).toBe(false);
  expect(isComplete({ ...given, way: "gateway" })).toBe(true);
  expect(isComplete({ contexts: ["east"], namespace: "ditto" })).toBe(true);
});

test("an answer that cannot be used is asked for again, with the reason", async () => {
  const { ask, questions } = typed("4 east", "1 2", "Big_Peers", "ditto", "http", "address", "address example.com");
  expect(await askFor({}, known, ask)).toMatchObject({ contexts: ["east", "west"], way: "address" });
  expect(
    questions.filter((question) => !/^(Contexts|In which|How do)/.test(question)).map((each) => each.split("\n")[0]),
  ).toEqual([
    "4: this list has no such number or name",
    "Big_Peers: this is not a valid name of a namespace",
    "http: there is no such way; write one of load-balancer, node-port, ingress-nginx, gateway, address",
    "address needs a domain: the clusters are then reached at bp.<cluster>.<domain>",
  ]);
});
