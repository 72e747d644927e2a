#include "store/journal.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "fs/files.hpp"
#include "hash/sha256.hpp"
#include "manifest/sealed_document.hpp"
#include "store/internal/documents.hpp"
#include "store/internal/store_state.hpp"

namespace savepoint::store {
namespace {

constexpr manifest::Format k_format{"savepoint-journal", 1};

std::filesystem::path path_of(const Layout& layout, const manifest::ProjectIdentity& project) {
  const std::string who = project.id + '\0' + project.worktree;
  return layout.journal(hash::sha256(as_bytes(who)));
}

SnapshotId parse_id(const json::Value& value) {
  if (std::optional<SnapshotId> id = SnapshotId::parse(value.as_string())) {
    return std::move(*id);
  }
  throw CorruptionError(quoted(value.as_string()) + " is not the id of a snapshot");
}

std::string print(const Journal& journal) {
  return manifest::print_sealed(json::Value::object(
      {{"format", k_format.name},
       {"version", k_format.version},
       {"project",
        json::Value::object({{"id", journal.project.id},
                             {"name", json::text_or_bytes(journal.project.name)},
                             {"worktree", json::text_or_bytes(journal.project.worktree)}})},
       {"target", journal.target.text()},
       {"safety", journal.safety.text()},
       {"request", journal.request}}));
}

Journal parse(std::string_view text, const std::string& what) {
  const json::Value document = manifest::parse_sealed(text, what, k_format);
  try {
    const json::Value& project = document.at("project");
    return {.project = {.id = project.at("id").as_string(),
                        .name = json::bytes_of(project.at("name")),
                        .worktree = json::bytes_of(project.at("worktree"))},
            .target = parse_id(document.at("target")),
            .safety = parse_id(document.at("safety")),
            .request = document.at("request")};
  } catch (const CorruptionError& error) {
    throw CorruptionError(what + " is damaged: " + error.what());
  }
}

std::optional<Journal> read_journal(const Layout& layout, const std::filesystem::path& path) {
  const std::optional<Bytes> text = read_document(layout, path);
  return text ? std::optional(parse(as_text(*text), layout.below_root(path))) : std::nullopt;
}

} // namespace

void write_journal(Store& store, const Journal& journal) {
  Store::State& state = store.state();
  state.header.require(Operation::write);
  write_document(state, path_of(state.layout, journal.project), print(journal));
}

void remove_journal(Store& store, const manifest::ProjectIdentity& project) {
  const Layout& layout = store.state().layout;
  if (fs::remove_file(path_of(layout, project))) {
    fs::sync_directory(layout.journals());
  }
}

std::optional<Journal> find_journal(const Store& store, const manifest::ProjectIdentity& project) {
  const Layout& layout = store.state().layout;
  return read_journal(layout, path_of(layout, project));
}

std::vector<Journal> list_journals(const Store& store) {
  const Layout& layout = store.state().layout;
  std::vector<Journal> journals;
  for (const std::filesystem::path& path : layout.list_journals()) {
    if (std::optional<Journal> journal = read_journal(layout, path)) {
      journals.push_back(std::move(*journal));
    }
  }
  return journals;
}

} // namespace savepoint::store
