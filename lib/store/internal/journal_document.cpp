#include "store/internal/journal_document.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "manifest/sealed_document.hpp"
#include "store/internal/documents.hpp"

#include <charconv>
#include <system_error>

namespace savepoint::store {
namespace {

constexpr manifest::Format k_format{"savepoint-journal", 1};

SnapshotId parse_id(const json::Value& value) {
  if (std::optional<SnapshotId> id = SnapshotId::parse(value.as_string())) {
    return std::move(*id);
  }
  throw CorruptionError(quoted(value.as_string()) + " is not the id of a snapshot");
}

std::uint64_t parse_number(const std::string& digits) {
  std::uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [at, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || at != end) {
    throw CorruptionError(quoted(digits) + " is not a number");
  }
  return number;
}

} // namespace

std::string print_journal(const Journal& journal) {
  return manifest::print_sealed(json::Value::object(
      {{"format", k_format.name},
       {"version", k_format.version},
       {"project",
        json::Value::object({{"id", journal.tree.project.id},
                             {"name", json::text_or_bytes(journal.tree.project.name)},
                             {"worktree", json::text_or_bytes(journal.tree.project.worktree)},
                             {"root_inode", std::to_string(journal.tree.root_inode)}})},
       {"target", journal.target.text()},
       {"safety", journal.safety.text()},
       {"request", journal.request}}));
}

Journal parse_journal(std::string_view text, std::string_view what) {
  const json::Value document = manifest::parse_sealed(text, what, k_format);
  try {
    const json::Value& project = document.at("project");
    return {.tree = {.project = {.id = project.at("id").as_string(),
                                 .name = json::bytes_of(project.at("name")),
                                 .worktree = json::bytes_of(project.at("worktree"))},
                     .root_inode = parse_number(project.at("root_inode").as_string())},
            .target = parse_id(document.at("target")),
            .safety = parse_id(document.at("safety")),
            .request = document.at("request")};
  } catch (const CorruptionError& error) {
    throw CorruptionError(std::string(what) + " is damaged: " + error.what());
  }
}

std::optional<Journal> read_journal(const Layout& layout, const std::filesystem::path& path) {
  const std::optional<Bytes> text = read_document(layout, path);
  if (!text) {
    return std::nullopt;
  }
  try {
    return parse_journal(as_text(*text), layout.below_root(path));
  } catch (const CorruptionError& error) {
    throw CorruptionError(error.what(),
                          "a restore was interrupted: 'savepoint list --trigger safety' has "
                          "the state before it; remove " +
                              quoted(path.native()) + ", then restore that");
  }
}

} // namespace savepoint::store
