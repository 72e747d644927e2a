import savepoint from './index.js';

export const {
  snapshot,
  list,
  restore,
  verify,
  remove,
  findExecutable,
  SavepointError,
  MissingExecutableError,
  UsageError,
  RefusedError,
  NotFoundError,
  BusyError,
  CorruptionError,
  IoError,
  DatabaseError,
  CancelledError,
} = savepoint;
