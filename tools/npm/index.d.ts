/** A name is a text; one that is not UTF-8 is given as its bytes. */
export type Name = string | { base64: string; printable: string };

/** `code`, `config`, `database` or `database:NAME`. */
export type Part = 'code' | 'config' | 'database' | `database:${string}`;

/** What every function takes. */
export interface CommonOptions {
  /** A directory of the project (default: the current one). */
  cwd?: string;
  /** Where the store is, whatever environment and settings say. */
  store?: string;
  /** The environment (default: that of this process). */
  env?: NodeJS.ProcessEnv | Record<string, string | undefined>;
  /** Stops it. What was begun is taken back; the promise is rejected with CancelledError. */
  signal?: AbortSignal;
  /** Another executable than the one that findExecutable() finds. */
  executable?: string;
}

export interface Component {
  kind: 'code' | 'config' | 'database';
  name: Name;
  bytes: number;
}

export interface SnapshotOptions extends CommonOptions {
  note?: string;
  tags?: string | string[];
  /** prune never removes it. */
  pin?: boolean;
  only?: Part | Part[];
  /** What caused it (default: `manual`). */
  trigger?: string;
  /** Take none if the newest snapshot says the same. */
  ifChanged?: boolean;
  /** Fail if a database cannot be captured. */
  requireDatabase?: boolean;
}

export interface SnapshotResult {
  schema: number;
  id: string;
  /** False if `ifChanged` found nothing new; `id` is then the snapshot that says the same. */
  created: boolean;
  components: Component[];
  /** What could not be saved: a snapshot with gaps is no error. */
  skipped: { path: Name; reason: string; error: boolean }[];
  bytes: number;
  bytes_added: number;
  duration_ms: number;
  notes?: { text: string }[];
}

export interface ListOptions extends CommonOptions {
  branch?: string;
  /** A revision, or `A..B`. */
  commit?: string;
  tag?: string;
  trigger?: string;
  limit?: number;
}

export interface ListedSnapshot {
  id: string;
  created_at: string;
  trigger: string;
  note: string;
  tags: string[];
  pinned: boolean;
  branch: Name | null;
  commit: string | null;
  dirty: boolean;
  components: Component[];
  bytes: number;
  bytes_added: number;
  complete: boolean;
}

/** An id, a unique part of one, `latest`, `latest~2`, a tag, `branch:B`, `commit:REV`; or by the history of git. */
export type Which = string | { at: string } | { branch: string };

export interface RestoreOptions extends CommonOptions {
  /** Into this directory, which must not exist or be empty, instead of into the project. */
  to?: string;
  only?: Part | Part[];
  /** Also files that git ignores, such as `.env`. */
  withConfig?: boolean;
  /** Also branch, HEAD, index and an operation in progress. */
  git?: boolean;
  /** Leave files that the snapshot does not have. */
  keepExtra?: boolean;
  /** Only these databases, each to its URL, which never stands on a command line. */
  databases?: Record<string, string>;
  table?: string | string[];
  createDatabase?: boolean;
  /** The names of protected databases that may be overwritten. */
  confirm?: string | string[];
  /** End the sessions of others in a database. */
  disconnect?: boolean;
  /** Give what can be given, and name what cannot. */
  partial?: boolean;
  /** Say what would be done, and change nothing. */
  dryRun?: boolean;
  /** Only what is at or below these. */
  paths?: string | string[];
}

export interface RestoreResult {
  schema: number;
  restored: string;
  /** The snapshot to go back to; null if nothing was changed in place. */
  safety_snapshot: string | null;
  changes: { action: string; path: Name; bytes?: number; into?: Name | null }[];
  config_left: Name[];
  missing: Name[];
  guarded: { name: Name; where: Name; reason: string; refused: 'always' | 'unless confirmed' }[];
  dry_run: boolean;
}

export interface VerifyOptions extends CommonOptions {
  /** Default: all of the store. */
  snapshots?: string | string[];
  all?: boolean;
  /** Read and hash every stored byte. */
  readData?: boolean;
  /** Load every database into scratch and check it there. */
  rehearse?: boolean;
}

export interface VerifyResult {
  schema: number;
  /** False if there are problems, which is no error of this function. */
  ok: boolean;
  problems: { snapshot: string; path: Name; file: Name; what: string }[];
  snapshots_checked: number;
  chunks_checked: number;
  bytes_read: number;
}

export interface RemoveOptions extends CommonOptions {
  dryRun?: boolean;
}

export interface RemoveResult {
  schema: number;
  removed: { id: string; created_at: string; reason: string }[];
  kept: { id: string; created_at: string; reason: string }[];
  bytes_freed: number;
  dry_run: boolean;
}

export function snapshot(options?: SnapshotOptions): Promise<SnapshotResult>;
/** The newest first. */
export function list(options?: ListOptions): Promise<ListedSnapshot[]>;
/** In place a safety snapshot is taken first. Nobody is asked: to call it is the answer. */
export function restore(which: Which, options?: RestoreOptions): Promise<RestoreResult>;
export function verify(options?: VerifyOptions): Promise<VerifyResult>;
export function remove(snapshots: string | string[], options?: RemoveOptions): Promise<RemoveResult>;

/** The path of the native executable. Throws MissingExecutableError. */
export function findExecutable(env?: Record<string, string | undefined>): string;

export class SavepointError extends Error {
  /** `usage`, `refused`, `not_found`, `busy`, `corrupt`, `io`, `database`, `cancelled`, `missing_executable` or `unexpected`. */
  readonly code: string;
  /** Null if a signal ended it. */
  readonly exitCode: number | null;
  /** Whether anything was changed; null if nobody knows. */
  readonly changed: boolean | null;
  /** What to do. */
  readonly hint: string;
  readonly stderr: string;
}
export class UsageError extends SavepointError {}
export class RefusedError extends SavepointError {}
export class NotFoundError extends SavepointError {}
export class BusyError extends SavepointError {}
export class CorruptionError extends SavepointError {}
export class IoError extends SavepointError {}
export class DatabaseError extends SavepointError {}
export class CancelledError extends SavepointError {}
export class MissingExecutableError extends SavepointError {}
