import fc from "fast-check";
import { expect, test } from "vitest";
import { Redaction } from "../../../support/redaction.ts";
import { forms, names, secrets } from "../../support/planted-secrets.ts";

test("a secret is in no file, in whatever form it was planted in an object, and in no log line that quotes it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(forms)), names, secrets, (form, name, secret) => {
      const redaction = new Redaction();
      const spec: unknown = forms[form]?.(name, secret);
      const object = { kind: "BigPeer", spec };
      redaction.learn(object);
      expect(redaction.text(object)).not.toContain(secret);
    }),
    { numRuns: 300 },
  );
});

test("what is a secret in an object is masked in logs, too, also in base64, in a URL and in JSON", () => {
  const redaction = new Redaction();
  const token = 'Zq "quoted"/token+value';
  redaction.learn({ spec: { auth: { sharedToken: token } } });
  for (const form of [token, Buffer.from(token).toString("base64"), encodeURIComponent(token), JSON.stringify(token)]) {
    const text = redaction.text(`refused ${form} of the client`);
    expect(text).toContain("refused ");
    expect(text).toContain(" of the client");
    expect(text).not.toContain(form);
  }
});

test("a key of several lines is masked line by line, and short words stay what they are", () => {
  const redaction = new Redaction();
  redaction.add(
    "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEG\nCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----",
  );
  redaction.add("blue");
  expect(redaction.text("log: CCqGSM49AwEHBG0wawIBAQQg is blue")).toBe("log: (secret) is blue");
});

test("what stays readable is readable: names, queries and conditions", () => {
  const redaction = new Redaction();
  const object = {
    metadata: { name: "blue-cars-bp1" },
    spec: { queriesByCollection: { tokens: ["color = 'blue'"] }, secretName: "bp1-trusts-bp2" },
    status: { conditions: [{ type: "Connected", status: "False", message: "nobody has connected yet" }] },
  };
  redaction.learn(object);
  expect(redaction.text(object)).not.toContain("(secret)");
});
