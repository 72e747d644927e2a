#!/usr/bin/env node
'use strict';
// Makes the package with the native executables for this platform from a build:
//
//   node tools/npm/platform_package.js build/release OUT && npm pack OUT
//
// The libraries that they need go along, except those of the C library, which belong to the system.

const { execFileSync } = require('child_process');
const fs = require('fs');
const path = require('path');

const root = path.resolve(__dirname, '..', '..');

// The loader and the C library, and the library that the kernel brings.
const ofTheSystem = /^(linux-vdso|ld-linux|lib(c|m|dl|rt|pthread|resolv|util|nss_\w+|mvec|anl)\.so)/;
// Opened when a database of their kind is met.
const openedLater = ['libpq.so.5', 'libmariadb.so.3'];

function run(program, ...words) {
  return execFileSync(program, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

function librariesOf(files) {
  const found = new Map();
  for (const line of run('ldd', ...files).split('\n')) {
    const [, name, file] = /^\s*(\S+) => (\/\S+)/.exec(line) || [];
    if (name && !ofTheSystem.test(name)) {
      found.set(name, fs.realpathSync(file));
    }
    if (line.includes('not found')) {
      throw new Error(`a library is missing: ${line.trim()}`);
    }
  }
  return found;
}

function openedLibraries() {
  const known = run('/sbin/ldconfig', '-p').split('\n');
  return openedLater.flatMap((name) => known.filter((line) => line.trim().startsWith(`${name} `))
    .map((line) => [name, fs.realpathSync(line.split(' => ')[1])]).slice(0, 1));
}

function bundleLibraries(out) {
  const bin = path.join(out, 'bin');
  const executables = fs.readdirSync(bin).map((name) => path.join(bin, name)).filter((file) => !fs.lstatSync(file).isSymbolicLink());
  const opened = new Map(openedLibraries());
  const libraries = new Map([...opened, ...librariesOf([...executables, ...opened.values()])]);
  const folder = path.join(out, 'lib', 'savepoint');
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, file] of libraries) {
    fs.copyFileSync(file, path.join(folder, name));
    fs.chmodSync(path.join(folder, name), 0o644);
  }
  bundleLicences(out, libraries);
}

/** The terms of everything that goes along, as Debian keeps them. */
function bundleLicences(out, libraries) {
  const folder = path.join(out, 'licences');
  fs.mkdirSync(folder);
  for (const name of libraries.keys()) {
    const owner = run('dpkg-query', '-S', `*/${name}`).split(':')[0];
    const terms = `/usr/share/doc/${owner}/copyright`;
    fs.copyFileSync(terms, path.join(folder, owner));
  }
}

function describe(out) {
  const { version, license } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
  const platform = `${process.platform}-${process.arch}`;
  fs.writeFileSync(path.join(out, 'package.json'), JSON.stringify({
    name: `@savepoint/${platform}`,
    version,
    description: `The executables of savepoint for ${platform}`,
    license,
    os: [process.platform],
    cpu: [process.arch],
    ...(process.platform === 'linux' ? { libc: ['glibc'] } : {}),
    preferUnplugged: true,
    files: ['bin/', 'lib/', 'licences/', 'share/'],
  }, null, 2) + '\n');
  fs.copyFileSync(path.join(root, 'LICENSE'), path.join(out, 'LICENSE'));
}

function make(build, out) {
  if (fs.existsSync(out)) {
    throw new Error(`'${out}' exists already`);
  }
  run('cmake', '--install', build, '--prefix', out, '--strip');
  for (const name of ['include', 'lib']) { // what programs are compiled with
    fs.rmSync(path.join(out, name), { recursive: true, force: true });
  }
  bundleLibraries(out);
  describe(out);
}

const [build, out] = process.argv.slice(2);
if (!build || !out) {
  process.stderr.write('usage: platform_package.js BUILD OUT\n');
  process.exitCode = 2;
} else {
  make(path.resolve(build), path.resolve(out));
}
