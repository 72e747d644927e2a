'use strict';
// One type for each kind of failure, as in the exit codes of the executable.

class SavepointError extends Error {
  constructor({ message, code, exitCode, changed = false, hint = '', stderr = '' }) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.exitCode = exitCode;
    this.changed = changed;
    this.hint = hint;
    this.stderr = stderr;
  }
}

class UsageError extends SavepointError {}
class RefusedError extends SavepointError {}
class NotFoundError extends SavepointError {}
class BusyError extends SavepointError {}
class CorruptionError extends SavepointError {}
class IoError extends SavepointError {}
class DatabaseError extends SavepointError {}
class CancelledError extends SavepointError {}
class MissingExecutableError extends SavepointError {
  constructor(message, hint) {
    super({ message, code: 'missing_executable', exitCode: 1, hint });
  }
}

const types = {
  usage: UsageError,
  refused: RefusedError,
  not_found: NotFoundError,
  busy: BusyError,
  corrupt: CorruptionError,
  io: IoError,
  database: DatabaseError,
  cancelled: CancelledError,
};

/** The type for the `code` of an error document. */
function typeOf(code) {
  return Object.hasOwn(types, code) ? types[code] : SavepointError;
}

module.exports = {
  SavepointError,
  UsageError,
  RefusedError,
  NotFoundError,
  BusyError,
  CorruptionError,
  IoError,
  DatabaseError,
  CancelledError,
  MissingExecutableError,
  typeOf,
};
