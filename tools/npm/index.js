'use strict';
// What the executable does, as functions: each runs it with --json. index.d.ts says what they take and give.

const { spawn } = require('child_process');
const errors = require('./errors');
const { findExecutable } = require('./executable');

const {CancelledError, IoError, UsageError} = errors;

const exitCodes = { done: 0, corrupt: 6, savedWithGaps: 7 };

function usageError(message) {
  return new UsageError({ message, code: 'usage', exitCode: 2, changed: false, hint: '', stderr: '' });
}

/** A word that stands by itself on the command line, and must not be taken for an option. */
function word(value, what) {
  if (typeof value !== 'string' || value === '' || value.startsWith('-')) {
    throw usageError(`cannot use ${JSON.stringify(value)} as ${what}`);
  }
  return value;
}

function listOf(value) {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

/** `{dryRun: true, tag: ['a', 'b']}` as `--dry-run --tag=a --tag=b`, for the options that `known` names. */
function flags(options, known) {
  const words = [];
  for (const [name, kind] of Object.entries(known)) {
    const value = options[name];
    const flag = '--' + (kind.flag || name.replace(/[A-Z]/g, (letter) => '-' + letter.toLowerCase()));
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (kind.type === 'flag') {
      words.push(flag);
    } else if (kind.type === 'parts') {
      words.push(`${flag}=${listOf(value).join(',')}`);
    } else {
      words.push(...listOf(value).map((one) => `${flag}=${one}`));
    }
  }
  return words;
}

const flag = { type: 'flag' };
const text = { type: 'text' };
const parts = { type: 'parts' };
const commonOptions = { cwd: true, store: true, env: true, signal: true, executable: true };

function refuseUnknown(options, known) {
  for (const name of Object.keys(options)) {
    if (!(name in known) && !(name in commonOptions)) {
      throw usageError(`there is no option '${name}'`);
    }
  }
}

function failure({code, signal, output, stderr, stopped}) {
  let error = stopped ? {code : 'cancelled'} : {};
  try {
    error = JSON.parse(output).error || error;
  } catch {
    // It died before it could say why.
  }
  const Type = errors.typeOf(error.code);
  return new Type({
    message: error.message || (signal ? `savepoint was ended by ${signal}` : `savepoint ended with exit code ${code}`),
    code: error.code || 'unexpected',
    exitCode: code,
    changed: error.changed === undefined ? null : error.changed,
    hint: error.hint || '',
    stderr,
  });
}

/** Runs `savepoint --json words...` and gives the document that it prints. */
function run(words, options, { accept = [], env = {} } = {}) {
  return new Promise((resolve, reject) => {
    if (options.signal && options.signal.aborted) {
      reject(new CancelledError(
          {message : 'it was cancelled before it began', code : 'cancelled', exitCode : null}));
      return;
    }
    const environment = { ...(options.env || process.env), ...env };
    const common = ['--json', ...flags(options, { store: text })];
    const child = spawn(options.executable || findExecutable(environment), [...common, ...words],
      { cwd: options.cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = [];
    const complaints = [];
    let stopped = false;
    const stop = () => {
      stopped = true;
      child.kill('SIGTERM');
    };
    const finish = () => options.signal && options.signal.removeEventListener('abort', stop);
    child.stdout.on('data', (piece) => output.push(piece));
    child.stderr.on('data', (piece) => complaints.push(piece));
    child.on('error', (error) => {
      finish();
      reject(new IoError({ message: `cannot run savepoint: ${error.message}`, code: 'io', exitCode: 1, changed: false, hint: '', stderr: '' }));
    });
    child.on('close', (code, signal) => {
      finish();
      const end = {
        code,
        signal,
        output : Buffer.concat(output).toString(),
        stderr : Buffer.concat(complaints).toString(),
        stopped
      };
      try {
        if (code !== exitCodes.done && !accept.includes(code)) {
          throw failure(end);
        }
        const document = JSON.parse(end.output);
        if (document.error) {
          throw failure(end);
        }
        resolve(document);
      } catch (error) {
        reject(error);
      }
    });
    if (options.signal) {
      options.signal.addEventListener('abort', stop);
    }
  });
}

async function snapshot(options = {}) {
  const known = {
    note: text, tags: { type: 'text', flag: 'tag' }, pin: flag, only: parts, trigger: text, ifChanged: flag, requireDatabase: flag,
  };
  refuseUnknown(options, known);
  return run(['snapshot', ...flags(options, known)], options, { accept: [exitCodes.savedWithGaps] });
}

async function list(options = {}) {
  const known = { branch: text, commit: text, tag: text, trigger: text, limit: text };
  refuseUnknown(options, known);
  return (await run(['list', ...flags(options, known)], options)).snapshots;
}

async function restore(which, options = {}) {
  const known = {
    to: text, only: parts, withConfig: flag, git: flag, keepExtra: flag, table: text, createDatabase: flag, confirm: text,
    disconnect: flag, partial: flag, dryRun: flag,
  };
  refuseUnknown(options, { ...known, databases: true, paths: true });
  const source = typeof which === 'object' && which !== null
    ? flags(which, { at: text, branch: text })
    : [word(which, 'a snapshot')];
  const words = ['restore', ...source, ...flags(options, known), '--yes'];
  const env = {};
  for (const [name, url] of Object.entries(options.databases || {})) {
    const variable = `SAVEPOINT_RESTORE_URL_${Object.keys(env).length}`;
    env[variable] = url; // a password on a command line could be seen by others
    words.push(`--database=${name}=env:${variable}`);
  }
  const paths = listOf(options.paths);
  if (paths.length > 0) {
    words.push('--', ...paths);
  }
  return run(words, options, { accept: [exitCodes.savedWithGaps], env });
}

async function verify(options = {}) {
  const known = { all: flag, readData: flag, rehearse: flag };
  refuseUnknown(options, { ...known, snapshots: true });
  const snapshots = listOf(options.snapshots).map((one) => word(one, 'a snapshot'));
  return run(['verify', ...snapshots, ...flags(options, known)], options, { accept: [exitCodes.corrupt] });
}

async function remove(snapshots, options = {}) {
  const known = { dryRun: flag };
  refuseUnknown(options, known);
  const ids = listOf(snapshots).map((one) => word(one, 'a snapshot'));
  if (ids.length === 0) {
    throw usageError('no snapshot is named');
  }
  return run(['prune', ...ids.map((id) => `--snapshot=${id}`), ...flags(options, known), '--yes'], options);
}

const { typeOf, ...errorTypes } = errors;
module.exports = { snapshot, list, restore, verify, remove, findExecutable, ...errorTypes };
