#pragma once

#include "manifest/manifest.hpp"

#include <chrono>

namespace savepoint::test {

/// A digest made of one byte, for tests that only need some digest.
inline hash::Digest digest_of_byte(unsigned char byte) {
  hash::Digest digest;
  digest.bytes.fill(std::byte{byte});
  return digest;
}

/// A manifest with something in every field: a web project, its `.env` and its database.
inline manifest::Manifest sample_manifest() {
  manifest::Manifest sample;
  sample.sequence = 7;
  sample.created_at = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) +
                      std::chrono::hours(4) + std::chrono::milliseconds(25'123);
  sample.previous = SnapshotId::parse("20261120-180000-0a1b");
  sample.trigger = "run:prisma migrate dev";
  sample.note = "before the migration";
  sample.tags = {"demo"};
  sample.project = {"3f2a", "shop", ""};

  manifest::CodeComponent code;
  code.tree = digest_of_byte(0x11);
  code.state = digest_of_byte(0x12);
  code.files = 3;
  code.directories = 1;
  code.bytes = 4096;
  sample.code = code;

  manifest::ConfigFile env;
  env.path = ".env.local";
  env.sha256 = digest_of_byte(0x21).hex();
  env.size = 120;
  env.mode = 0600;
  env.keys = {"DATABASE_URL", "SESSION_KEY"};
  manifest::ConfigFile package;
  package.path = "package.json";
  package.sha256 = digest_of_byte(0x22).hex();
  package.size = 900;
  package.mode = 0644;
  package.in_code = true;
  sample.config = manifest::ConfigComponent{digest_of_byte(0x23), {env, package}};

  manifest::DatabaseComponent database;
  database.name = "prisma/dev.db";
  database.driver = "sqlite";
  database.path = "prisma/dev.db";
  database.image = {manifest::Content::Form::list, 8192, digest_of_byte(0x31)};
  database.size = 8192;
  database.tables = {{"User", 2000}, {"_prisma_migrations", 2}};
  database.migration = "20261101120000_init";
  database.migration_table = "_prisma_migrations";
  database.details.set("page_count", 2).set("page_size", 4096);
  sample.databases = {database};

  manifest::GitState git;
  git.branch = "main";
  git.commit = "9fceb02d0ae598e95dc970b74767f19372d61af8";
  git.upstream = "origin/main";
  git.ahead = 1;
  git.staged = {{"src/app.ts", "M", "257cc5642cb1a054f08cc83f2d943e56fd3ebe99", 0100644}};
  git.unstaged = {{"README.md", "M", "", 0}};
  git.untracked = {"notes/"};
  git.staged_count = 1;
  git.unstaged_count = 1;
  git.untracked_count = 1;
  sample.git = git;

  sample.versions = {{"app", "1.4.0"}};
  sample.environment = {{"platform", "linux x86_64"}, {"savepoint", "0.1.0"}};
  sample.left_out = {{"run/app.sock", "socket", false}};
  sample.bytes_added = 5000;
  return sample;
}

} // namespace savepoint::test
