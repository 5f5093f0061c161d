import { runtime } from "@pulumi/pulumi";

/** A resource as a program has registered it. */
export interface Registered {
  readonly type: string;
  readonly inputs: Record<string, unknown>;
}

/**
 * Stands in for the engine: each resource is given back what it was registered with. Components have to be imported afterwards.
 * @returns what is registered from now on, in its order; empty it before each test
 */
export async function registrations({ preview }: { readonly preview: boolean }): Promise<Registered[]> {
  const registered: Registered[] = [];
  await runtime.setMocks(
    {
      newResource({ type, name, inputs }) {
        registered.push({ type, inputs });
        return { id: `${name}-id`, state: inputs };
      },
      call: ({ inputs }) => inputs,
    },
    "bigpeer-topology",
    "test",
    preview,
  );
  return registered;
}
