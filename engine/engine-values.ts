/** The texts that the engine writes in its events for what it does not show and for what it does not know yet. */

/** The key by which a special object is told (Pulumi SDK, `SigKey`); a secret is the only kind that Kubernetes objects hold. */
export const signatureKey = "4dabf18193072939515e22adb298388d";

/** The placeholders for a value that only an update finds out, one for each type (Pulumi SDK, `Unknown…Value`). */
const unknownValues = [
  "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
];

export const secretText = "(secret)";
export const unknownText = "(not known yet)";

/** A value of an event as a report shows it. */
export function shownValue(value: unknown): unknown {
  if (typeof value === "string") return unknownValues.reduce((text, each) => text.replaceAll(each, unknownText), value);
  if (Array.isArray(value)) return value.map(shownValue);
  if (typeof value !== "object" || value === null) return value;
  if (Object.hasOwn(value, signatureKey)) return secretText;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shownValue(inner)]));
}

/** The inputs of a cluster's provider. A kubeconfig that is given as its content holds keys; one that is given as a path does not. */
export function maskedKubeconfig(inputs: unknown): unknown {
  if (typeof inputs !== "object" || inputs === null || !("kubeconfig" in inputs)) return inputs;
  const { kubeconfig } = inputs;
  const isPath = typeof kubeconfig === "string" && !/[\n{]/.test(kubeconfig);
  return { ...inputs, kubeconfig: isPath ? kubeconfig : secretText };
}

/** True if any part of a shown value is as `text` says. */
export function holds(value: unknown, text: string): boolean {
  if (typeof value === "string") return value.includes(text);
  if (typeof value !== "object" || value === null) return false;
  return Object.values(value).some((inner) => holds(inner, text));
}
