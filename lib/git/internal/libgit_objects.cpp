#include "git/internal/libgit_backend.hpp"

#include "base/bytes.hpp"

#include <optional>
#include <span>

namespace savepoint::git {
namespace {

/// Larger blobs are not read into memory.
constexpr std::size_t k_most_in_memory = std::size_t{32} << 20U;

DatabaseHandle objects_of(git_repository* repository) {
  git_odb* database = nullptr;
  check_libgit(git_repository_odb(&database, repository), "open the objects of git");
  return DatabaseHandle(database);
}

std::optional<git_oid> to_id(const std::string& hex) {
  git_oid id{};
  return git_oid_fromstr(&id, hex.c_str()) == 0 ? std::optional(id) : std::nullopt;
}

} // namespace

void LibgitBackend::read_blobs(const std::vector<std::string>& objects, BlobSink& sink) const {
  const DatabaseHandle database = objects_of(repository_.get());
  for (const std::string& object : objects) {
    const std::optional<git_oid> id = to_id(object);
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (!id || git_odb_read_header(&size, &type, database.get(), &*id) < 0) {
      sink.missing(object);
      continue;
    }
    if (size > k_most_in_memory) {
      git_.read_blobs({object}, sink);
      continue;
    }
    git_odb_object* stored = nullptr;
    const int code = git_odb_read(&stored, database.get(), &*id);
    const StoredObjectHandle owned(stored);
    if (code < 0 || git_odb_object_type(stored) != GIT_OBJECT_BLOB) {
      sink.missing(object);
      continue;
    }
    sink.take(
        {static_cast<const std::byte*>(git_odb_object_data(stored)), git_odb_object_size(stored)});
    sink.end(object);
  }
}

std::vector<std::string>
LibgitBackend::known_objects(const std::vector<std::string>& objects) const {
  std::vector<std::string> known;
  const DatabaseHandle database = objects_of(repository_.get());
  for (const std::string& object : objects) {
    const std::optional<git_oid> id = to_id(object);
    std::size_t size = 0;
    git_object_t type = GIT_OBJECT_INVALID;
    if (id && git_odb_read_header(&size, &type, database.get(), &*id) == 0 &&
        type != GIT_OBJECT_BLOB) {
      known.push_back(object);
    }
  }
  return known;
}

std::string LibgitBackend::subject(const std::string& commit) const {
  const std::optional<git_oid> id = to_id(commit);
  git_commit* found = nullptr;
  const bool is_there = id && git_commit_lookup(&found, repository_.get(), &*id) == 0;
  const CommitHandle owned(found);
  const char* const text = is_there ? git_commit_summary(found) : nullptr;
  return text == nullptr ? "" : text;
}

} // namespace savepoint::git
