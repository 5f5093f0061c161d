import type { PropertyChange } from "./property-diff.ts";
import type { PropertyBag } from "./property-values.ts";

/** Which resource a call is about. */
export interface ResourceRef {
  readonly urn: string;
  /** Type token, such as `kubernetes:core/v1:Secret`. */
  readonly type: string;
  /** Name in the program. */
  readonly name: string;
}

export interface WriteRequest extends ResourceRef {
  readonly inputs: PropertyBag;
  /** Nothing may be written. */
  readonly preview: boolean;
  /** From `customTimeouts`; undefined: the provider's own. */
  readonly timeoutSeconds: number | undefined;
}

export interface ExistingRef extends ResourceRef {
  readonly id: string;
  /** State after the last update. */
  readonly state: PropertyBag;
  /** Inputs of the last update. */
  readonly oldInputs: PropertyBag;
}

export interface Diff {
  readonly changes: readonly PropertyChange[];
  /** Of `changes`, those that cannot be made in place. */
  readonly replaces: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/** What a provider does, without the wire protocol around it. */
export interface ResourceProvider {
  /** The version of the real provider that it stands in for. */
  readonly version: string;
  configure(settings: PropertyBag): void;
  /** @returns the inputs with defaults; @throws CheckFailed */
  check(resource: ResourceRef, olds: PropertyBag, news: PropertyBag): Promise<PropertyBag>;
  diff(resource: ExistingRef, news: PropertyBag): Promise<Diff>;
  create(request: WriteRequest): Promise<{ id: string; state: PropertyBag }>;
  update(request: WriteRequest & ExistingRef): Promise<PropertyBag>;
  /** Undefined: it is not there any more. */
  read(resource: ExistingRef): Promise<{ id: string; state: PropertyBag; inputs: PropertyBag } | undefined>;
  delete(resource: ExistingRef & { readonly timeoutSeconds: number | undefined }): Promise<void>;
  /** The engine wants what runs to end. */
  cancel(): void;
}

/** An input that cannot be right. */
export class CheckFailed extends Error {
  readonly property: string;
  constructor(property: string, reason: string) {
    super(reason);
    this.property = property;
  }
}

/** A resource that was written but did not become ready: it is in the state, and the update has failed. */
export class InitFailed extends Error {
  readonly id: string;
  readonly state: PropertyBag;
  readonly inputs: PropertyBag;
  readonly reasons: readonly string[];
  constructor(id: string, state: PropertyBag, inputs: PropertyBag, message: string, reasons: readonly string[]) {
    super(message);
    this.id = id;
    this.state = state;
    this.inputs = inputs;
    this.reasons = reasons;
  }
}
