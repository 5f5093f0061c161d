/** A forge hosts a repository and keeps comments on its changes, and issues. The code behind this interface tells GitHub from GitLab. */

/** A text that is written and read again. */
export interface Entry {
  readonly id: number;
  readonly body: string;
  /** True if whoever the token belongs to has written it. */
  readonly own: boolean;
  /** For people. */
  readonly url: string;
}

/** A list of entries, such as the comments of one pull request or the open issues of one project. */
export interface Entries {
  /** Every entry, page by page, the oldest first. */
  list(): AsyncIterable<Entry>;
  create(text: EntryText): Promise<Entry>;
  update(entry: Entry, text: EntryText): Promise<Entry>;
  /** Takes an entry off the list, with a last text. */
  close(entry: Entry, text: EntryText): Promise<Entry>;
}

export interface EntryText {
  /** The title of an issue; comments have none. */
  readonly title: string;
  readonly body: string;
}

export interface Forge {
  /** The longest text that it takes, in characters. */
  readonly limit: number;
  /** The permission that the token needs, as the end of a sentence that begins with "it needs". */
  readonly commentPermission: string;
  readonly issuePermission: string;
  /** The comments of a pull request, which GitLab calls the notes of a merge request. */
  comments(pullRequest: number): Entries;
  /** The open issues. */
  issues(): Entries;
}

/** The forge refused, and asking again would not help. */
export class ForgeError extends Error {
  /** HTTP status. */
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.name = "ForgeError";
    this.status = status;
  }
}

/** The forge could not just now. */
export class BusyError extends Error {
  /** The number of seconds after which the forge asks to be called again; undefined if it does not say. */
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, retryAfterSeconds: number | undefined) {
    super(message);
    this.name = "BusyError";
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
