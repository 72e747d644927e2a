#include "manifest/internal/document.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"

#include <algorithm>

namespace savepoint::manifest {
namespace {

using json::bytes_of;
using json::Value;

[[noreturn]] void wrong(std::string_view key, std::string_view why) {
  throw CorruptionError(quoted(key) + " is " + std::string(why));
}

hash::Digest digest_of(const Value& object, std::string_view key) {
  const auto digest = hash::Digest::from_hex(object.at(key).as_string());
  if (!digest) {
    wrong(key, "not a SHA-256");
  }
  return *digest;
}

std::optional<hash::Digest> digest_if_there(const Value& object, std::string_view key) {
  return object.find(key) == nullptr ? std::nullopt : std::optional(digest_of(object, key));
}

std::string text_of(const Value& object, std::string_view key) {
  return bytes_of(object.at(key));
}

std::optional<std::string> text_if_any(const Value& object, std::string_view key) {
  const Value& value = object.at(key);
  return value.is_null() ? std::nullopt : std::optional(bytes_of(value));
}

std::optional<SnapshotId> id_if_any(const Value& object, std::string_view key) {
  const Value& value = object.at(key);
  if (value.is_null()) {
    return std::nullopt;
  }
  auto id = SnapshotId::parse(value.as_string());
  if (!id) {
    wrong(key, "not the id of a snapshot");
  }
  return id;
}

std::uint32_t octal_of(const Value& object, std::string_view key) {
  constexpr std::size_t k_most_digits = 10;
  const std::string& text = object.at(key).as_string();
  std::uint32_t mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7' || text.size() > k_most_digits) {
      wrong(key, "not a mode");
    }
    mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
  }
  return mode;
}

std::vector<std::string> list_of(const Value& object, std::string_view key) {
  std::vector<std::string> texts;
  for (const Value& item : object.at(key).items()) {
    texts.push_back(bytes_of(item));
  }
  return texts;
}

std::map<std::string, std::string> map_of(const Value& object, std::string_view key) {
  std::map<std::string, std::string> texts;
  for (const auto& [name, value] : object.at(key).members()) {
    texts.emplace(name, bytes_of(value));
  }
  return texts;
}

Content content_of(const Value& image) {
  const std::string& form = image.at("form").as_string();
  Content content;
  content.size = image.at("size").as_unsigned();
  content.id = digest_of(image, "id");
  if (form == "empty") {
    content.form = Content::Form::empty;
  } else if (form == "chunk") {
    content.form = Content::Form::chunk;
  } else if (form == "list") {
    content.form = Content::Form::list;
  } else {
    wrong("form", "of no kind we know");
  }
  if ((content.form == Content::Form::empty) != (content.size == 0)) {
    wrong("size", "not possible for an image of this form");
  }
  return content;
}

CodeComponent code_of(const Value& value) {
  CodeComponent code;
  code.tree = digest_of(value, "tree");
  code.state = digest_of(value, "state");
  code.hard_links = digest_if_there(value, "hard_links");
  code.files = value.at("files").as_unsigned();
  code.directories = value.at("directories").as_unsigned();
  code.bytes = value.at("bytes").as_unsigned();
  return code;
}

ConfigComponent config_of(const Value& value) {
  ConfigComponent config;
  config.tree = digest_if_there(value, "tree");
  for (const Value& item : value.at("files").items()) {
    ConfigFile file;
    file.path = text_of(item, "path");
    file.sha256 = item.at("sha256").as_string();
    if (!file.sha256.empty() && !hash::Digest::from_hex(file.sha256)) {
      wrong("sha256", "not a SHA-256");
    }
    file.size = item.at("size").as_unsigned();
    file.mode = octal_of(item, "mode");
    file.keys = list_of(item, "keys");
    file.in_code = item.at("in_code").as_bool();
    file.stored = item.at("stored").as_bool();
    config.files.push_back(std::move(file));
  }
  return config;
}

DatabaseComponent database_of(const Value& value) {
  DatabaseComponent database;
  database.name = text_of(value, "name");
  database.driver = value.at("driver").as_string();
  database.path = text_of(value, "path");
  database.image = content_of(value.at("image"));
  database.size = value.at("size").as_unsigned();
  for (const Value& item : value.at("tables").items()) {
    database.tables.push_back({text_of(item, "name"), item.at("rows").as_unsigned()});
  }
  database.migration = text_if_any(value, "migration");
  database.migration_table = text_if_any(value, "migration_table");
  database.details = value.at("details");
  static_cast<void>(database.details.members()); // throws unless it is an object
  return database;
}

void read_components(Manifest& manifest, const Value& components) {
  for (const Value& component : components.items()) {
    const std::string& kind = component.at("kind").as_string();
    if (kind == "code") {
      manifest.code = code_of(component);
    } else if (kind == "config") {
      manifest.config = config_of(component);
    } else if (kind == "database") {
      manifest.databases.push_back(database_of(component));
    } else {
      wrong("kind", "none that we know");
    }
  }
  if (std::ranges::adjacent_find(manifest.databases, std::ranges::greater_equal(),
                                 &DatabaseComponent::name) != manifest.databases.end()) {
    wrong("components", "not sorted by name");
  }
}

GitChange change_of(const Value& item) {
  GitChange change;
  change.path = text_of(item, "path");
  change.code = item.at("code").as_string();
  return change;
}

bool is_object_id(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::optional<GitState> git_of(const Value& value) {
  if (value.is_null()) {
    return std::nullopt;
  }
  GitState git;
  git.branch = text_if_any(value, "branch");
  git.commit = text_if_any(value, "commit");
  git.upstream = text_if_any(value, "upstream");
  git.ahead = value.at("ahead").as_unsigned();
  git.behind = value.at("behind").as_unsigned();
  git.operation = value.at("operation").as_string();
  git.stashes = value.at("stashes").as_unsigned();
  const Value& status = value.at("status");
  for (const Value& item : status.at("staged").items()) {
    GitChange change = change_of(item);
    change.object = item.at("object").as_string();
    change.mode = octal_of(item, "mode");
    git.staged.push_back(std::move(change));
  }
  for (const Value& item : status.at("unstaged").items()) {
    git.unstaged.push_back(change_of(item));
  }
  git.untracked = list_of(status, "untracked");
  git.conflicts = list_of(status, "conflicts");
  git.staged_count = status.at("staged_count").as_unsigned();
  git.unstaged_count = status.at("unstaged_count").as_unsigned();
  git.untracked_count = status.at("untracked_count").as_unsigned();
  git.conflict_count = status.at("conflict_count").as_unsigned();
  git.staged_digest = digest_if_there(status, "staged_digest");
  git.tree = digest_if_there(value, "tree");
  if (git.tree) {
    for (const Value& item : value.at("needs").items()) {
      GitNeed need{text_of(item, "path"), item.at("object").as_string()};
      if (!is_object_id(need.object)) {
        wrong("object", "not the id of an object");
      }
      git.needs.push_back(std::move(need));
    }
  }
  return git;
}

std::optional<HookMoment> hook_of(const Value& document) {
  const Value* const value = document.find("hook");
  if (value == nullptr) {
    return std::nullopt;
  }
  return HookMoment{.left_commit = text_if_any(*value, "left_commit"),
                    .left_branch = text_if_any(*value, "left_branch"),
                    .late = list_of(*value, "late")};
}

Timestamp time_of(const Value& object, std::string_view key) {
  const auto time = parse_iso8601(object.at(key).as_string());
  if (!time) {
    wrong(key, "not a time");
  }
  return *time;
}

} // namespace

Manifest from_json(const Value& document) {
  Manifest manifest;
  manifest.id = id_if_any(document, "id");
  manifest.sequence = document.at("sequence").as_unsigned();
  manifest.created_at = time_of(document, "created_at");
  manifest.previous = id_if_any(document, "previous");
  manifest.trigger = text_of(document, "trigger");
  manifest.note = text_of(document, "note");
  manifest.tags = list_of(document, "tags");
  manifest.pinned = document.at("pinned").as_bool();
  const Value& project = document.at("project");
  manifest.project = {text_of(project, "id"), text_of(project, "name"),
                      text_of(project, "worktree")};
  manifest.state = document.at("state").as_string();
  read_components(manifest, document.at("components"));
  manifest.git = git_of(document.at("git"));
  manifest.hook = hook_of(document);
  manifest.versions = map_of(document, "versions");
  manifest.environment = map_of(document, "environment");
  for (const Value& item : document.at("left_out").items()) {
    manifest.left_out.push_back(
        {text_of(item, "path"), text_of(item, "reason"), item.at("error").as_bool()});
  }
  manifest.bytes_added = document.at("bytes_added").as_unsigned();
  return manifest;
}

} // namespace savepoint::manifest
