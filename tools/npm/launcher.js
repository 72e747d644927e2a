#!/usr/bin/env node
'use strict';
// Stands in for the native executable: its terminal, its exit code, and the signals in both directions.

const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const {findExecutable, installHint} = require('./executable');

function fail(error) {
  if (process.argv.includes('--json')) {
    const { message, hint } = error;
    process.stdout.write(JSON.stringify({ schema: 1, error: { code: 'io', message, changed: false, hint } }) + '\n');
  } else {
    process.stderr.write(`savepoint: ${error.message}\nnothing was changed\nhint: ${error.hint}\n`);
  }
  process.exitCode = 1;
}

/** Whether what is typed on a terminal reaches us and the child alike, so that passing it on would be one time too many. */
function isInForeground() {
  try {
    const fields = fs.readFileSync('/proc/self/stat', 'latin1').replace(/^.*\) /s, '').split(' ');
    const [group, foreground] = [fields[2], fields[5]];
    return group === foreground;
  } catch {
    return Boolean(process.stdin.isTTY);
  }
}

function launch(file) {
  let child; // started when the handlers stand, so that no signal finds us without one
  const handlers = new Map();
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP']) {
    const isTyped = signal === 'SIGINT' || signal === 'SIGQUIT';
    const handler = () => {
      if (!isTyped || !isInForeground()) {
        child.kill(signal);
      }
    };
    handlers.set(signal, handler);
    process.on(signal, handler);
  }
  child = spawn(file, process.argv.slice(2), { stdio: 'inherit' });
  // An executable that is there, but not the loader that it was made for, is ENOENT too.
  child.on('error', (error) => fail(
                        {message : `cannot run '${file}': ${error.code}`, hint : installHint()}));
  child.on('exit', (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
    } else {
      for (const [name, handler] of handlers) {
        process.removeListener(name, handler);
      }
      process.exitCode = 128 + os.constants.signals[signal]; // if the signal is one that we survive
      process.kill(process.pid, signal);
    }
  });
}

try {
  launch(findExecutable());
} catch (error) {
  if (error.code !== 'missing_executable') {
    throw error;
  }
  fail(error);
}
