/** What a repository's host keeps: comments on a change, and issues. GitHub and GitLab are told apart behind this. */

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
  /** Of an issue; comments have none. */
  readonly title: string;
  readonly body: string;
}

export interface Forge {
  /** What it takes as one text, in characters. */
  readonly limit: number;
  /** What the token needs, said in a sentence that begins with "it needs". */
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
  /** When the forge says to come again; undefined: it does not say. */
  readonly retryAfterSeconds: number | undefined;
  constructor(message: string, retryAfterSeconds: number | undefined) {
    super(message);
    this.name = "BusyError";
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
