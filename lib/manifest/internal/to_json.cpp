#include "manifest/manifest.hpp"

#include "manifest/internal/document.hpp"

#include <array>
#include <cstdio>

namespace savepoint::manifest {
namespace {

using json::Items;
using json::Members;
using json::text_or_bytes;
using json::Value;

/// Modes as people write them: 0644, 0100755.
Value octal(std::uint32_t mode) {
  std::array<char, 16> text{};
  const int length = std::snprintf(text.data(), text.size(), "0%03o", mode);
  return std::string_view(text.data(), static_cast<std::size_t>(length));
}

Value id_or_null(const std::optional<SnapshotId>& id) {
  return id ? Value(id->text()) : Value();
}

Value text_or_null(const std::optional<std::string>& text) {
  return text ? text_or_bytes(*text) : Value();
}

Value list(const std::vector<std::string>& texts) {
  Items items;
  items.reserve(texts.size());
  for (const std::string& text : texts) {
    items.push_back(text_or_bytes(text));
  }
  return items;
}

Value object(const std::map<std::string, std::string>& texts) {
  Members members;
  for (const auto& [key, text] : texts) {
    members.emplace_back(key, text_or_bytes(text));
  }
  return members;
}

std::string_view name_of(Content::Form form) {
  switch (form) {
  case Content::Form::empty:
    return "empty";
  case Content::Form::chunk:
    return "chunk";
  case Content::Form::list:
    return "list";
  }
  return {};
}

Value project_json(const ProjectIdentity& project) {
  return Members{{"id", text_or_bytes(project.id)},
                 {"name", text_or_bytes(project.name)},
                 {"worktree", text_or_bytes(project.worktree)}};
}

Value code_json(const CodeComponent& code) {
  Value value = Members{
      {"kind", "code"}, {"name", "code"}, {"tree", code.tree.hex()}, {"state", code.state.hex()}};
  if (code.hard_links) {
    value.set("hard_links", code.hard_links->hex());
  }
  return value.set("files", code.files)
      .set("directories", code.directories)
      .set("bytes", code.bytes);
}

Value config_json(const ConfigComponent& config) {
  Items files;
  files.reserve(config.files.size());
  for (const ConfigFile& file : config.files) {
    files.emplace_back(Members{{"path", text_or_bytes(file.path)},
                               {"sha256", file.sha256},
                               {"size", file.size},
                               {"mode", octal(file.mode)},
                               {"keys", list(file.keys)},
                               {"in_code", file.in_code},
                               {"stored", file.stored}});
  }
  Value value = Members{{"kind", "config"}, {"name", "config"}};
  if (config.tree) {
    value.set("tree", config.tree->hex());
  }
  return value.set("bytes", bytes_of_config(config)).set("files", std::move(files));
}

Value database_json(const DatabaseComponent& database) {
  Items tables;
  tables.reserve(database.tables.size());
  for (const Table& table : database.tables) {
    tables.emplace_back(Members{{"name", text_or_bytes(table.name)}, {"rows", table.rows}});
  }
  return Members{{"kind", "database"},
                 {"name", text_or_bytes(database.name)},
                 {"driver", database.driver},
                 {"path", text_or_bytes(database.path)},
                 {"image", Members{{"form", name_of(database.image.form)},
                                   {"size", database.image.size},
                                   {"id", database.image.id.hex()}}},
                 {"size", database.size},
                 {"tables", std::move(tables)},
                 {"migration", text_or_null(database.migration)},
                 {"migration_table", text_or_null(database.migration_table)},
                 {"details", database.details},
                 {"bytes", database.size}};
}

Value components_json(const Manifest& manifest) {
  Items components;
  if (manifest.code) {
    components.push_back(code_json(*manifest.code));
  }
  if (manifest.config) {
    components.push_back(config_json(*manifest.config));
  }
  for (const DatabaseComponent& database : manifest.databases) {
    components.push_back(database_json(database));
  }
  return components;
}

Value status_json(const GitState& git) {
  Items staged;
  for (const GitChange& change : git.staged) {
    staged.emplace_back(Members{{"path", text_or_bytes(change.path)},
                                {"code", change.code},
                                {"object", change.object},
                                {"mode", octal(change.mode)}});
  }
  Items unstaged;
  for (const GitChange& change : git.unstaged) {
    unstaged.emplace_back(Members{{"path", text_or_bytes(change.path)}, {"code", change.code}});
  }
  Members members{{"staged", std::move(staged)},
                  {"unstaged", std::move(unstaged)},
                  {"untracked", list(git.untracked)},
                  {"conflicts", list(git.conflicts)},
                  {"staged_count", git.staged_count},
                  {"unstaged_count", git.unstaged_count},
                  {"untracked_count", git.untracked_count},
                  {"conflict_count", git.conflict_count}};
  if (git.staged_digest) {
    members.emplace_back("staged_digest", git.staged_digest->hex());
  }
  return members;
}

Value git_json(const std::optional<GitState>& git) {
  if (!git) {
    return {};
  }
  Members members{{"branch", text_or_null(git->branch)},
                  {"commit", text_or_null(git->commit)},
                  {"upstream", text_or_null(git->upstream)},
                  {"ahead", git->ahead},
                  {"behind", git->behind},
                  {"operation", git->operation},
                  {"stashes", git->stashes},
                  {"dirty", git->dirty()},
                  {"status", status_json(*git)}};
  if (git->tree) {
    Items needs;
    for (const GitNeed& need : git->needs) {
      needs.emplace_back(Members{{"path", text_or_bytes(need.path)}, {"object", need.object}});
    }
    members.emplace_back("tree", git->tree->hex());
    members.emplace_back("needs", std::move(needs));
  }
  return members;
}

Value left_out_json(const std::vector<LeftOut>& left_out) {
  Items items;
  items.reserve(left_out.size());
  for (const LeftOut& one : left_out) {
    items.emplace_back(Members{{"path", text_or_bytes(one.path)},
                               {"reason", text_or_bytes(one.reason)},
                               {"error", one.is_error}});
  }
  return items;
}

Value hook_json(const HookMoment& hook) {
  return Members{{"left_branch", text_or_null(hook.left_branch)},
                 {"left_commit", text_or_null(hook.left_commit)},
                 {"late", list(hook.late)}};
}

} // namespace

std::int64_t version_of(const Manifest& manifest) {
  if (manifest.hook) {
    return 3;
  }
  return manifest.git && manifest.git->tree ? 2 : 1;
}

Value to_json(const Manifest& manifest) {
  Members members{{"format", k_manifest_format.name},
                  {"version", version_of(manifest)},
                  {"id", id_or_null(manifest.id)},
                  {"sequence", manifest.sequence},
                  {"created_at", to_iso8601(manifest.created_at)},
                  {"previous", id_or_null(manifest.previous)},
                  {"trigger", text_or_bytes(manifest.trigger)},
                  {"note", text_or_bytes(manifest.note)},
                  {"tags", list(manifest.tags)},
                  {"pinned", manifest.pinned},
                  {"project", project_json(manifest.project)},
                  {"state", manifest.state},
                  {"components", components_json(manifest)},
                  {"git", git_json(manifest.git)}};
  if (manifest.hook) {
    members.emplace_back("hook", hook_json(*manifest.hook));
  }
  const Members rest{{"versions", object(manifest.versions)},
                     {"environment", object(manifest.environment)},
                     {"left_out", left_out_json(manifest.left_out)},
                     {"bytes_added", manifest.bytes_added}};
  members.insert(members.end(), rest.begin(), rest.end());
  return members;
}

} // namespace savepoint::manifest
