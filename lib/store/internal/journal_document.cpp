#include "store/internal/journal_document.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "manifest/sealed_document.hpp"
#include "store/internal/documents.hpp"

namespace savepoint::store {
namespace {

constexpr manifest::Format k_format{"savepoint-journal", 1};

SnapshotId parse_id(const json::Value& value) {
  if (std::optional<SnapshotId> id = SnapshotId::parse(value.as_string())) {
    return std::move(*id);
  }
  throw CorruptionError(quoted(value.as_string()) + " is not the id of a snapshot");
}

} // namespace

std::string print_journal(const Journal& journal) {
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

Journal parse_journal(std::string_view text, std::string_view what) {
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
    throw CorruptionError(std::string(what) + " is damaged: " + error.what());
  }
}

std::optional<Journal> read_journal(const Layout& layout, const std::filesystem::path& path) {
  const std::optional<Bytes> text = read_document(layout, path);
  return text ? std::optional(parse_journal(as_text(*text), layout.below_root(path)))
              : std::nullopt;
}

} // namespace savepoint::store
