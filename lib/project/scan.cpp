#include "project/scan.hpp"

#include "base/binary.hpp"
#include "base/printable.hpp"
#include "hash/sha256.hpp"
#include "project/internal/capture_rules.hpp"
#include "project/internal/config_files.hpp"
#include "project/internal/database_search.hpp"
#include "project/internal/git_capture.hpp"
#include "project/internal/stat_cache.hpp"
#include "project/internal/walk.hpp"

#include <algorithm>

namespace savepoint::project {
namespace {

/// One cache a work tree: two copies of a repository share its id but not their files' times.
std::filesystem::path cache_file(const Project& project, const store::Store& store) {
  const std::string key = hash::sha256(as_bytes(project.root().native())).hex().substr(0, 16);
  return store.cache_file(key + ".stat");
}

std::vector<git::FileChange> staged_changes(const Project& project, LazyIndex& index,
                                            const StatCache* cache,
                                            const std::optional<git::IndexStamp>& stamp,
                                            const std::optional<std::string>& head) {
  if (cache != nullptr && cache->facts().index == stamp && cache->facts().head == head) {
    return cache->facts().staged;
  }
  return project.repository()->staged_changes(*index.get());
}

/// Sorts, counts, and keeps the first of many.
template <typename Item, typename Key> std::uint64_t shorten(std::vector<Item>& items, Key key) {
  std::ranges::sort(items, {}, key);
  const std::uint64_t count = items.size();
  if (count > manifest::GitState::k_most_listed) {
    items.erase(items.begin() + manifest::GitState::k_most_listed, items.end());
  }
  return count;
}

std::vector<manifest::GitChange> changes(const std::vector<git::FileChange>& from) {
  std::vector<manifest::GitChange> result;
  result.reserve(from.size());
  for (const git::FileChange& change : from) {
    result.push_back({change.path, std::string(1, change.code), change.object, change.mode});
  }
  return result;
}

/// Of all of them, for those that are too many to be listed. In the order of the index.
hash::Digest digest_of(const std::vector<git::FileChange>& staged) {
  BinaryWriter out;
  for (const git::FileChange& change : staged) {
    out.string(change.path);
    out.u8(static_cast<std::uint8_t>(change.code));
    out.string(change.object);
    out.u32(change.mode);
  }
  return hash::sha256(out.view());
}

manifest::GitState git_state(const Project& project, const git::Head& head,
                             const std::vector<git::FileChange>& staged, Walked& walked) {
  const git::Repository& repository = *project.repository();
  manifest::GitState state;
  state.branch = head.branch;
  state.commit = head.commit;
  if (const std::optional<git::Upstream> upstream = repository.upstream()) {
    state.upstream = upstream->name;
    state.ahead = upstream->ahead;
    state.behind = upstream->behind;
  }
  state.operation = repository.operation();
  state.stashes = repository.stash_count();
  state.staged = changes(staged);
  state.unstaged = changes(walked.unstaged);
  state.untracked = std::move(walked.untracked);
  state.conflicts = std::move(walked.conflicts);
  const auto itself = [](const std::string& path) -> const std::string& { return path; };
  if (staged.size() > manifest::GitState::k_most_listed) {
    state.staged_digest = digest_of(staged);
  }
  state.staged_count = shorten(state.staged, &manifest::GitChange::path);
  state.unstaged_count = shorten(state.unstaged, &manifest::GitChange::path);
  state.untracked_count = shorten(state.untracked, itself);
  state.conflict_count = shorten(state.conflicts, itself);
  return state;
}

/// What there is to read where nothing is known of it yet, as far as git knows.
std::uint64_t expected_bytes(LazyIndex& index) {
  std::uint64_t bytes = 0;
  if (const git::Index* const tracked = index.get()) {
    for (const git::IndexEntry& entry : tracked->entries()) {
      bytes += entry.stat.size;
    }
  }
  return bytes;
}

} // namespace

Scan scan(const Project& project, const ScanOptions& options) {
  const Timestamp now = project.context().clock->now();
  const CaptureRules rules(project, options.not_databases);
  const auto index = std::make_shared<LazyIndex>(project);
  const std::optional<git::IndexStamp> stamp = index->stamp();

  std::optional<StatCache> cache;
  std::shared_ptr<StatCacheWriter> writer; // also owned by `remember`, which outlives this call
  if (options.store != nullptr && options.cache != CacheUse::none) {
    cache = StatCache::open(cache_file(project, *options.store));
    if (cache && cache->facts().root != project.root().native()) {
      cache.reset();
    }
    if (options.cache == CacheUse::renew && options.reading == Reading::contents) {
      writer = std::make_shared<StatCacheWriter>(cache_file(project, *options.store));
    }
  }
  const StatCache* known = cache ? &*cache : nullptr;
  if (known == nullptr && options.reading == Reading::contents) {
    project.context().progress->stage("reading files", expected_bytes(*index));
  }
  Walked walked = Walk(project, options, rules, *index, known, writer.get(), now).run();

  Scan result;
  result.unchanged = walked.same_as_cache;
  result.databases = std::move(walked.databases);
  result.left_out = std::move(walked.left_out);
  IgnoredSearch ignored = search_ignored(project, rules, std::move(walked.ignored_directories));
  std::ranges::move(ignored.databases, std::back_inserter(result.databases));
  std::ranges::move(ignored.left_out, std::back_inserter(result.left_out));
  std::ranges::sort(result.databases, {}, &FoundDatabase::path);
  result.code.tree = walked.tree;
  result.code.state = walked.state;
  result.code.files = walked.files;
  result.code.directories = walked.directories;
  result.code.bytes = walked.bytes;

  const std::unique_ptr<store::ChunkSink> sink = options.make_sink();
  const std::unique_ptr<store::ChunkSink> config_sink =
      options.make_config_sink ? options.make_config_sink() : nullptr;
  if (!walked.hard_links.empty()) {
    result.code.hard_links = store::put_hard_links(*sink, walked.hard_links);
  }
  std::ranges::sort(walked.config_files, {}, &WalkedConfigFile::path);
  const store::CuttingRules cutting =
      options.store != nullptr ? options.store->cutting_rules() : store::CuttingRules{};
  result.config = capture_config(project, walked.config_files, cutting,
                                 config_sink ? *config_sink : *sink, result.left_out);

  CacheFacts facts;
  facts.root = project.root().native();
  if (project.repository() != nullptr) {
    const git::Head head = project.repository()->head();
    facts.index = stamp;
    facts.head = head.commit;
    facts.staged = staged_changes(project, *index, known, stamp, head.commit);
    result.git = git_state(project, head, facts.staged, walked);
    if (!head.broken.empty()) {
      result.left_out.push_back({".git/HEAD", "git cannot read it: " + head.broken, false});
    }
    if (options.git_status && options.reading == Reading::contents) {
      const auto held =
          known != nullptr ? SnapshotId::parse(known->facts().snapshot) : std::nullopt;
      const bool is_held = held && options.store->has_snapshot(*held);
      CapturedGit git = capture_git({*project.repository(), *index, stamp, head, facts.staged},
                                    *sink, cutting, is_held ? known->facts().git : std::string());
      result.git->tree = git.tree;
      result.git->needs = std::move(git.needs);
      facts.git = std::move(git.facts);
      std::ranges::move(git.left_out, std::back_inserter(result.left_out));
    }
  }
  std::ranges::sort(result.left_out, {}, &manifest::LeftOut::path);
  if (writer) {
    const bool facts_same = known != nullptr && known->facts().index == facts.index &&
                            known->facts().head == facts.head && known->facts().git == facts.git;
    const bool blocks_same = walked.same_as_cache;
    const std::string held_by = known != nullptr ? known->facts().snapshot : std::string();
    auto kept = std::make_shared<std::optional<StatCache>>(std::move(cache));
    result.remember = [=, root = walked.root_block](const SnapshotId& snapshot) mutable {
      if (blocks_same && facts_same && held_by == snapshot.text()) {
        return;
      }
      facts.snapshot = snapshot.text();
      const std::uint64_t root_block =
          blocks_same ? writer->copy(**kept, (*kept)->root_block()) : root;
      writer->commit(facts, root_block);
    };
  } else {
    result.remember = [](const SnapshotId&) {};
  }
  return result;
}

} // namespace savepoint::project
