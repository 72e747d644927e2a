#include "cli/file_contents.hpp"

#include "fs/files.hpp"
#include "store/content.hpp"

#include <cstdint>
#include <string_view>

namespace savepoint::cli {
namespace {

using store::EntryKind;
using store::TreeEntry;

/// What is larger is not compared by lines.
constexpr std::uint64_t k_largest = std::uint64_t{16} << 20U;

bool has_content_if_any(const std::optional<TreeEntry>& entry) {
  return !entry || entry->kind == EntryKind::file || entry->kind == EntryKind::symlink;
}

/// Nothing if it is too large, or not there any more.
std::optional<Bytes> read_side(const FileSide& side, const std::string& path,
                               const std::optional<TreeEntry>& entry) {
  if (!entry) {
    return Bytes();
  }
  if (entry->kind == EntryKind::symlink) {
    return to_bytes(entry->target);
  }
  if (entry->content.size > k_largest) {
    return std::nullopt;
  }
  return side.directory.empty() ? store::read_whole(*side.source, entry->content, k_largest)
                                : fs::read_file(side.directory / path);
}

} // namespace

std::optional<hash::Digest> tree_of(const manifest::Manifest& manifest) {
  return manifest.code ? std::optional(manifest.code->tree) : std::nullopt;
}

bool is_another_kind(const store::Change& change) {
  return change.before && change.after && change.before->kind != change.after->kind;
}

bool has_content(const store::Change& change) {
  return has_content_if_any(change.before) && has_content_if_any(change.after);
}

FileChange read_change(const FileSide& before, const FileSide& after, const store::Change& change) {
  FileChange result{.change = change, .text = std::nullopt};
  if (change.kind == store::ChangeKind::metadata) {
    result.text.emplace(); // there is nothing to read
    return result;
  }
  const std::optional<Bytes> old_content = read_side(before, change.path, change.before);
  const std::optional<Bytes> new_content = read_side(after, change.path, change.after);
  if (old_content && new_content) {
    result.text = git::diff_texts(*old_content, *new_content);
    if (is_another_kind(change)) {
      result.text_gone = git::diff_texts(*old_content, {});
      result.text_come = git::diff_texts({}, *new_content);
    }
  }
  return result;
}

FileChanges::FileChanges(const FileSide& before, const FileSide& after)
    : before_(&before), after_(&after) {
  store::diff_trees(*after.source, before.tree, after.tree, [&](const store::Change& change) {
    if (has_content(change)) {
      changes_.emplace(change.path, change);
    }
  });
}

bool FileChanges::has(const compare::FileDifference& file) const {
  return changes_.contains(file.path);
}

FileChange FileChanges::read(const compare::FileDifference& file) const {
  return read_change(*before_, *after_, changes_.at(file.path));
}

void Settings::add(const manifest::Manifest& manifest) {
  if (manifest.config) {
    for (const manifest::ConfigFile& file : manifest.config->files) {
      paths_.insert(file.path);
    }
  }
}

bool Settings::has(const std::string& path) const {
  const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
  return name.starts_with(".env") || paths_.contains(path);
}

} // namespace savepoint::cli
