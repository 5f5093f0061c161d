import { describe, expect, test } from "vitest";
import { checkSource } from "../../../../topology/check.ts";
import { parseSource } from "../../../../topology/file/source.ts";

const meshLine = "  all: { app: cars, mesh: [bp1, bp2, bp3], queries: { cars: 'true' } }";
const topology = `clusters:
  dev: {}
peers:
  bp1: { cluster: dev, version: 1.63.2 }
  bp2: { cluster: dev, version: 1.63.2 }
  bp3: { cluster: dev, version: 1.63.2 }
apps:
  cars: { id: 2164bef3-37c0-489c-9ac6-c94b034525d7, peers: [bp1, bp2, bp3] }
replications:
${meshLine}
`;
const ofTwo = topology
  .replace("peers: [bp1, bp2, bp3]", "peers: [bp1, bp2]")
  .replace("  bp3: { cluster: dev, version: 1.63.2 }\n", "");

function judged(text: string) {
  const { findings, ignored, plan } = checkSource(parseSource("t.yaml", text));
  return {
    findings: findings.map(({ rule, severity, location }) => `${location?.line} ${severity} ${rule}`),
    ignored: ignored.map(({ finding, reason }) => `${finding.rule}: ${reason}`),
    planned: plan !== undefined,
  };
}

const withComment = (comment: string) => topology.replace(meshLine, `${meshLine} ${comment}`);
const withCommentAbove = (comment: string) => topology.replace(meshLine, `  ${comment}\n${meshLine}`);

describe("a comment with a reason turns a rule down", () => {
  test.each([
    ["at the end of its line", withComment("# bigpeer-ignore everything-everywhere: prices are few")],
    ["on the line above", withCommentAbove("# bigpeer-ignore everything-everywhere: prices are few")],
    [
      "above, with another comment and a blank line between",
      withCommentAbove("# bigpeer-ignore everything-everywhere: prices are few\n\n  # All of it."),
    ],
    [
      "above the section that holds it",
      topology.replace("replications:", "# bigpeer-ignore everything-everywhere: prices are few\nreplications:"),
    ],
  ])("%s", (_, text) => {
    expect(judged(text)).toEqual({
      findings: [],
      ignored: ["everything-everywhere: prices are few"],
      planned: true,
    });
  });

  test("for everything under the entry below it, and not for the entry after", () => {
    const block = (name: string) =>
      `  ${name}:\n    app: cars\n    mesh: [bp1, bp2]\n    queries:\n      ${name}:\n        - "true"\n`;
    const text = `${ofTwo.replace(`${meshLine}\n`, "")}  # bigpeer-ignore everything-everywhere: prices are few\n${block("prices")}${block("sales")}`;
    expect(judged(text)).toEqual({
      findings: ["21 warning everything-everywhere"],
      ignored: ["everything-everywhere: prices are few"],
      planned: true,
    });
  });

  test("for one item of a list", () => {
    const list = `  all:\n    app: cars\n    between: [bp1, bp2]\n    queries:\n      cars:\n        # bigpeer-ignore double-equals: tried on 1.63.2\n        - color == 'blue'\n        - color == 'red'\n`;
    expect(judged(ofTwo.replace(`${meshLine}\n`, list))).toEqual({
      findings: ["16 warning double-equals"],
      ignored: ["double-equals: tried on 1.63.2"],
      planned: true,
    });
  });

  test("also where it is an error of judgement, so that there is a plan", () => {
    const text = topology.replace("bp1: { cluster: dev,", "bp1: { auth: { playground: {} }, cluster: dev,");
    const line = /^.*playground.*$/m.exec(text)?.[0] ?? "";
    expect(judged(text).planned).toBe(false);
    const ignoring = text.replace(line, `${line} # bigpeer-ignore playground-in-production: a fair's demo`);
    expect(judged(ignoring).ignored).toContain("playground-in-production: a fair's demo");
    expect(judged(ignoring).planned).toBe(true);
  });
});

describe("a comment that does not do what it says is a finding", () => {
  test.each([
    ["without a reason", "# bigpeer-ignore everything-everywhere", "error ignore-comment"],
    ["with an empty reason", "# bigpeer-ignore everything-everywhere:  ", "error ignore-comment"],
    ["without a rule", "# bigpeer-ignore", "error ignore-comment"],
    ["with a rule that does not exist", "# bigpeer-ignore everything-anywhere: prices are few", "error ignore-comment"],
    ["with a rule that cannot be suppressed", "# bigpeer-ignore unknown-reference: later", "error ignore-comment"],
    ["with nothing to ignore", "# bigpeer-ignore double-equals: tried on 1.63.2", "warning unused-ignore"],
  ])("%s", (_, comment, found) => {
    const { findings, ignored } = judged(withComment(comment));
    expect(findings).toEqual(["10 warning everything-everywhere", `10 ${found}`]);
    expect(ignored).toEqual([]);
  });

  test("and a misspelt rule is told what it may mean", () => {
    const { findings } = checkSource(parseSource("t.yaml", withComment("# bigpeer-ignore everything-everwhere: few")));
    expect(findings.map(({ fix }) => fix)).toContain('did you mean "everything-everywhere"?');
  });

  test("but not while another mistake keeps its rule from looking", () => {
    const text = withComment("# bigpeer-ignore everything-everywhere: prices are few").replace(
      "app: cars, mesh",
      "mesh",
    );
    expect(judged(text).findings).toEqual(["10 error missing-key"]);
  });
});

test("a text that looks like a comment is none", () => {
  const quoted = `"x != '# bigpeer-ignore everything-everywhere: no'"`;
  const text = topology.replace("queries: { cars: 'true' }", `queries: { cars: 'true', vans: ${quoted} }`);
  expect(judged(text)).toMatchObject({ findings: ["10 warning everything-everywhere"], ignored: [] });
  const folded = `${topology}  more:\n    app: cars\n    between: [bp1, bp2]\n    queries:\n      vans: |\n        # bigpeer-ignore double-equals: no\n        a = 1\n`;
  expect(judged(folded).findings).not.toContain("16 warning unused-ignore");
});
