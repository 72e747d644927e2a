#include "base/error.hpp"
#include "base/printable.hpp"
#include "base/version.hpp"
#include "project/databases.hpp"
#include "snapshot/internal/databases.hpp"
#include "snapshot/snapshot.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

namespace savepoint::snapshot {
namespace {

std::map<std::string, std::string> environment() {
#if defined(__linux__)
  const std::string system = "linux";
#elif defined(__APPLE__)
  const std::string system = "macos";
#else
  const std::string system = "unix";
#endif
#if defined(__x86_64__)
  const std::string machine = "x86_64";
#elif defined(__aarch64__)
  const std::string machine = "aarch64";
#else
  const std::string machine = "other";
#endif
  return {{"platform", system + "-" + machine}, {"savepoint", std::string(version())}};
}

project::Scan scan_for(const project::Project& project, store::Store& store,
                       const std::function<std::unique_ptr<store::ChunkSink>()>& make_sink,
                       const store::ChunkSource& source, const Request& request,
                       project::CacheUse cache, store::DryBatch& unwanted,
                       const std::vector<std::string>& not_databases,
                       std::function<void()> when_begun = {}) {
  project::ScanOptions options;
  options.when_begun = std::move(when_begun);
  options.make_sink = make_sink;
  options.make_config_sink = make_sink;
  options.source = &source;
  options.store = &store;
  options.cache = cache;
  options.not_databases = not_databases;
  // The walk is needed all the same: it finds config files and databases. But nothing is kept of
  // what was not asked for.
  if (!request.only.code) {
    options.make_sink = [&unwanted] { return unwanted.writer(); };
    options.source = &unwanted.source();
    options.cache = std::min(cache, project::CacheUse::read);
  }
  if (!request.only.config) {
    options.make_config_sink = [&unwanted] { return unwanted.writer(); };
  }
  return project::scan(project, options);
}

constexpr const char* k_about_missed =
    "'savepoint doctor' says more, and an entry in savepoint.json decides, also one with "
    "\"capture\": false";

std::vector<database::Target> files_of(const std::vector<database::Target>& targets,
                                       const project::Selection& only) {
  std::vector<database::Target> files;
  std::ranges::copy_if(targets, std::back_inserter(files), [&](const database::Target& target) {
    return !target.file.empty() && only.includes_database(target.name);
  });
  return files;
}

/// What is not captured as a database and only looks like one is code.
void add_no_databases(CapturedDatabases& databases, const CaptureOrder& order,
                      const project::Scan& scan, const std::vector<database::Target>& captured) {
  for (const project::FoundDatabase& file : scan.databases) {
    if (std::ranges::count(captured, file.path, &database::Target::path) == 0 &&
        !is_database(order, file)) {
      databases.not_databases.push_back(file.path);
    }
  }
}

void add(CapturedDatabases& databases, CapturedDatabases more) {
  std::ranges::move(more.components, std::back_inserter(databases.components));
  std::ranges::move(more.left_out, std::back_inserter(databases.left_out));
  std::ranges::move(more.unread, std::back_inserter(databases.unread));
  std::ranges::move(more.late, std::back_inserter(databases.late));
  databases.fingerprints.merge(more.fingerprints);
  std::ranges::move(more.copies, std::back_inserter(databases.copies));
}

/// What the config wants and nobody can have.
void add_passed(CapturedDatabases& databases, const project::Databases& found,
                const Request& request) {
  for (const project::PassedDatabase& passed : found.passed) {
    if (!passed.is_error || !request.only.includes_database(passed.name)) {
      continue;
    }
    if (request.require_database) {
      throw DatabaseError("cannot capture the database " + quoted(passed.name) + ": " +
                              passed.reason,
                          "'savepoint doctor' shows where each database was looked for");
    }
    databases.left_out.push_back({passed.name, passed.reason, true});
  }
}

/// What the project works with and is not captured unasked, where the config leaves all to
/// discovery.
void note_missed(project::Databases& found, const Request& request) {
  for (const project::PassedDatabase& passed : found.passed) {
    if (!passed.is_missed || !request.only.includes_database(passed.name)) {
      continue;
    }
    if (request.require_used_databases) {
      throw DatabaseError("cannot capture the database at " + quoted(passed.where) + ": " +
                              passed.reason,
                          k_about_missed);
    }
    found.notes.push_back("the database at " + quoted(passed.where) +
                          " is not in the snapshot: " + passed.reason + "; " + k_about_missed);
  }
}

/// What was met and the config does not list.
void add_unlisted(CapturedDatabases& databases, const project::Scan& scan,
                  const project::Databases& found) {
  for (const project::FoundDatabase& file : scan.databases) {
    if (!file.is_empty && !found.has_file(file.path)) {
      databases.left_out.push_back(
          {file.path, "a database that the config does not list, and discovery is off", false});
    }
  }
}

/// What was known of a database that could not be looked at today, or was not asked for, stays.
void keep_known(CapturedDatabases& databases, const KnownDatabases& known,
                const project::Databases& found) {
  for (const auto& [name, state] : known) {
    if (found.find(name) != nullptr) {
      databases.fingerprints.try_emplace(name, state);
    }
  }
}

} // namespace

Present capture(const project::Project& project, store::Store& store,
                const std::function<std::unique_ptr<store::ChunkSink>()>& make_sink,
                const store::ChunkSource& source, const Request& request, project::CacheUse cache) {
  Progress& progress = *project.context().progress;
  progress.stage("reading files", 0);
  const KnownDatabases known = known_databases(project, store);
  const CaptureOrder order{
      .project = project, .store = store, .request = request, .known = known, .progress = progress};
  std::optional<project::DatabaseFinder> finder;
  std::optional<ServerCapture> servers;
  if (request.only.databases) {
    finder.emplace(project);
  }
  const auto begin_with_servers = [&] {
    if (finder && !finder->servers().empty()) {
      servers.emplace(order, make_sink(), finder->servers());
    }
  };
  store::DryBatch unwanted(&store);
  project::Scan scan =
      scan_for(project, store, make_sink, source, request, cache, unwanted, {}, begin_with_servers);

  if (request.waiting != nullptr) {
    request.waiting->files_are_read();
  }

  CapturedDatabases databases;
  project::Databases found;
  std::vector<database::Target> captured;
  if (finder) {
    progress.stage("reading databases", 0);
    found = finder->finish(scan);
    captured = files_of(found.targets, request.only);
    databases = capture_databases(order, *make_sink(), captured);
    if (servers) {
      add(databases, servers->finish(progress));
    }
    add_passed(databases, found, request);
    if (project.config().databases.empty()) {
      note_missed(found, request);
    }
    keep_known(databases, known, found);
  }
  if (request.only.code) {
    add_no_databases(databases, order, scan, captured);
    std::ranges::copy(request.ignored_files, std::back_inserter(databases.not_databases));
  }
  if (!databases.not_databases.empty()) {
    scan = scan_for(project, store, make_sink, source, request, cache, unwanted,
                    databases.not_databases);
    if (request.waiting != nullptr && request.waiting->has_gone_on()) {
      for (const std::string& path : databases.not_databases) {
        scan.left_out.push_back({path,
                                 "looks like a database and is none, which was found too late "
                                 "to say that it had not changed",
                                 true});
      }
    }
  }
  if (finder && !project.config().discover_databases) {
    add_unlisted(databases, scan, found);
  }

  Present present;
  manifest::Manifest& manifest = present.manifest;
  manifest.created_at = project.context().clock->now();
  manifest.project = project.identity();
  if (request.only.code) {
    manifest.code = scan.code;
  }
  if (request.only.config) {
    manifest.config = scan.config;
  }
  manifest.databases = std::move(databases.components);
  std::ranges::sort(manifest.databases, {}, &manifest::DatabaseComponent::name);
  present.database_files = std::move(scan.databases);
  if (project.config().databases.empty()) {
    present.notes = std::move(found.notes);
  }
  present.unread = std::move(databases.unread);
  present.late = std::move(databases.late);
  std::ranges::sort(present.late);
  manifest.git = std::move(scan.git);
  if (!request.only.code && manifest.git) {
    manifest.git->tree.reset(); // nothing of it was kept either
    manifest.git->needs.clear();
  }
  manifest.left_out = std::move(scan.left_out);
  std::ranges::move(databases.left_out, std::back_inserter(manifest.left_out));
  manifest.left_out.insert(manifest.left_out.end(), request.left_out.begin(),
                           request.left_out.end());
  std::vector<std::string> trouble;
  manifest.versions = config::read_versions(project.root(), project.config().versions, trouble);
  for (std::string& reason : trouble) {
    manifest.left_out.push_back({"versions", std::move(reason), false});
  }
  manifest.environment = environment();
  manifest.state = manifest::state_of(manifest);

  present.remember_files = std::move(scan.remember);
  present.remember_databases = [&project, &store, cache, copies = std::move(databases.copies),
                                known = std::move(databases.fingerprints)](const SnapshotId& id) {
    std::vector<std::string> notes;
    if (cache == project::CacheUse::renew) {
      KnownDatabases now = known;
      notes = tend_copies(copies, now);
      remember_databases(project, store, std::move(now), id);
    }
    return notes;
  };
  return present;
}

} // namespace savepoint::snapshot
