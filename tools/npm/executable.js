'use strict';
// Where the native executable is: what SAVEPOINT_BIN says, else the package for this platform, else PATH.

const fs = require('fs');
const path = require('path');
const { MissingExecutableError } = require('./errors');

const platform = `${process.platform}-${process.arch}`;
const platformPackage = `@savepoint/${platform}`;
const {optionalDependencies} = require('../../package.json');

function isExecutable(file) {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}

/** Whether a file is a launcher like ours, installed globally or by another package manager: it would only come back here. */
function leadsToNode(file) {
  const buffer = Buffer.alloc(4096);
  try {
    const descriptor = fs.openSync(file, 'r');
    try {
      const text = buffer.toString('latin1', 0, fs.readSync(descriptor, buffer, 0, buffer.length, 0));
      return text.startsWith('#!') && /\bnode/.test(text);
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return true;
  }
}

function givenExecutable(given) {
  for (const file of [given, path.join(given, 'savepoint')]) {
    if (isExecutable(file)) {
      return path.resolve(file);
    }
  }
  throw new MissingExecutableError(`cannot run '${given}': SAVEPOINT_BIN names no executable`,
    'set SAVEPOINT_BIN to the executable of savepoint, or to the directory that it is in, or unset it');
}

/** What to do where there is no executable that runs. */
function installHint() {
  const isMusl =
      process.platform === 'linux' && !process.report.getReport().header.glibcVersionRuntime;
  if (isMusl || !(platformPackage in optionalDependencies)) {
    return 'there are executables for Linux with glibc, on x64 and arm64; one that was built from the sources ' +
           'is found on PATH or named by SAVEPOINT_BIN';
  }
  return `the optional package ${
             platformPackage} is not installed: install again without --omit=optional or --no-optional ` +
         '(after deleting the lock file, if that was made on another platform), put savepoint on PATH, or set SAVEPOINT_BIN to it';
}

function packagedExecutable() {
  try {
    const file = path.join(path.dirname(require.resolve(`${platformPackage}/package.json`)), 'bin', 'savepoint');
    return isExecutable(file) ? file : null;
  } catch {
    return null;
  }
}

function executableOnPath(environment) {
  for (const directory of (environment.PATH || '').split(path.delimiter)) {
    const file = path.join(directory, 'savepoint');
    if (path.isAbsolute(directory) && isExecutable(file) && !leadsToNode(file)) {
      return file;
    }
  }
  return null;
}

/**
 * The path of the native executable.
 *
 * Throws MissingExecutableError, whose hint says what to do.
 */
function findExecutable(environment = process.env) {
  if (environment.SAVEPOINT_BIN) {
    return givenExecutable(environment.SAVEPOINT_BIN);
  }
  const file = packagedExecutable() || executableOnPath(environment);
  if (!file) {
    throw new MissingExecutableError(`cannot run savepoint: there is no executable for ${platform}`,
                                     installHint());
  }
  return file;
}

module.exports = {
  findExecutable,
  installHint
};
