#include "manifest/rows.hpp"

#include "base/error.hpp"
#include "base/nearest_word.hpp"
#include "base/printable.hpp"
#include "cli/documents.hpp"
#include "cli/text.hpp"
#include "fs/files.hpp"
#include "snapshot/snapshot.hpp"
#include "store/content.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <unistd.h>

namespace savepoint::tools {
namespace {

using cli::Style;
using compare::DatabaseDifference;
using compare::RowChange;
using store::ChangeKind;
using store::ChunkKind;

/// So much of what the store does not have is kept in memory.
constexpr std::uint64_t k_most_kept = std::uint64_t{1} << 30U;

/// A batch that writes nothing, and keeps what the store does not have, so that it can be read.
class KeepingBatch final : public store::ChunkSource {
public:
  explicit KeepingBatch(const store::Store& below) : below_(&below), dry_(&below) {}

  [[nodiscard]] std::unique_ptr<store::ChunkSink> writer() {
    return std::make_unique<Writer>(*this);
  }
  [[nodiscard]] Bytes get(const hash::Digest& id) const override {
    {
      const std::lock_guard guard(mutex_);
      if (const auto found = kept_.find(id); found != kept_.end()) {
        return found->second;
      }
    }
    return dry_.source().get(id);
  }

private:
  class Writer final : public store::ChunkSink {
  public:
    explicit Writer(KeepingBatch& batch) : batch_(&batch), inner_(batch.dry_.writer()) {}
    hash::Digest put(ByteView bytes, ChunkKind kind) override {
      const hash::Digest id = inner_->put(bytes, kind);
      if (kind == ChunkKind::data) {
        batch_->keep(id, bytes);
      }
      return id;
    }
    [[nodiscard]] bool contains(const hash::Digest& id) override { return inner_->contains(id); }

  private:
    KeepingBatch* batch_;
    std::unique_ptr<store::ChunkSink> inner_;
  };

  void keep(const hash::Digest& id, ByteView bytes) {
    if (below_->contains(id)) {
      return;
    }
    const std::lock_guard guard(mutex_);
    if (kept_.try_emplace(id, bytes.begin(), bytes.end()).second) {
      size_ += bytes.size();
    }
    if (size_ > k_most_kept) {
      throw IoError("cannot compare rows: too much of the database changed since", 0,
                    "take a snapshot, then compare the two snapshots");
    }
  }

  const store::Store* below_;
  store::DryBatch dry_;
  mutable std::mutex mutex_;
  std::unordered_map<hash::Digest, Bytes, hash::DigestHash> kept_;
  std::uint64_t size_ = 0;
};

const manifest::DatabaseComponent* find(const manifest::Manifest& manifest,
                                        const std::string& name) {
  const auto found =
      std::ranges::find(manifest.databases, name, &manifest::DatabaseComponent::name);
  return found == manifest.databases.end() ? nullptr : &*found;
}

/// In the header of a database, whether readers and writers need a log beside it: two bytes.
constexpr std::size_t k_mode_at = 18;
constexpr std::size_t k_mode_length = 2;
constexpr std::byte k_without_log{1};

/// An image of a database as a file that needs none beside it; empty where that side has none.
void write_image(cli::Session& session, const std::filesystem::path& path,
                 const store::ChunkSource& source, const manifest::DatabaseComponent* database) {
  fs::AtomicFile file(path);
  if (database != nullptr) {
    session.progress().stage("reading " + quoted(database->name), database->image.size);
    store::read_filled(source, database->image, [&](ByteView piece) {
      session.cancellation().check();
      session.progress().advance(0, piece.size());
      if (file.size() == 0 && piece.size() >= k_mode_at + k_mode_length) {
        Bytes beginning(piece.begin(), piece.end());
        std::fill_n(beginning.begin() + k_mode_at, k_mode_length, k_without_log);
        file.write(beginning);
      } else {
        file.write(piece);
      }
    });
  }
  file.commit_unsynced();
}

void write_present(cli::Session& session, cli::Place& place, const std::string& name,
                   const std::filesystem::path& path) {
  KeepingBatch batch(place.store);
  snapshot::Request request;
  request.only.code = false;
  request.only.config = false;
  request.only.database_names = {name};
  const snapshot::Present present = snapshot::capture(
      *place.project, place.store, [&] { return batch.writer(); }, batch, request);
  write_image(session, path, batch, find(present.manifest, name));
}

bool has_table(const DatabaseDifference& database, const std::string& table) {
  return std::ranges::find(database.tables, table, &compare::TableDifference::name) !=
         database.tables.end();
}

[[noreturn]] void refuse_table(const compare::Difference& difference, const std::string& wanted) {
  std::vector<std::string_view> known;
  for (const DatabaseDifference& database : difference.databases) {
    for (const compare::TableDifference& table : database.tables) {
      known.emplace_back(table.name);
    }
  }
  const std::string nearest = nearest_word(wanted, known);
  throw NotFoundError("there is no table " + quoted(wanted) + " in a database that differs",
                      nearest.empty() ? "'savepoint diff' without --rows names the databases and "
                                        "tables that differ"
                                      : "did you mean " + quoted(nearest) + "?");
}

std::string values_text(const compare::RowValues& values) {
  std::string text;
  for (const std::optional<std::string>& value : values) {
    text += (text.empty() ? "" : ", ") + (value ? printable(*value) : std::string("-"));
  }
  return text;
}

json::Value to_json(const compare::RowValues& values) {
  json::Value items = json::Value::array();
  for (const std::optional<std::string>& value : values) {
    items.push(value ? json::text_or_bytes(*value) : json::Value());
  }
  return items;
}

} // namespace

DatabaseImages::DatabaseImages(cli::Session& session, cli::Place& place, std::string name,
                               const manifest::Manifest& before, const manifest::Manifest* after)
    : session_(&session), name_(std::move(name)) {
  const std::filesystem::path scratch = place.store.scratch_directory();
  const std::string own = "rows-" + std::to_string(getpid());
  before_ = scratch / (own + "-before.db");
  after_ = scratch / (own + "-after.db");
  write_image(session, before_, place.store, find(before, name_));
  if (after == nullptr) {
    write_present(session, place, name_, after_);
  } else {
    write_image(session, after_, place.store, find(*after, name_));
  }
}

DatabaseImages::~DatabaseImages() {
  std::error_code ignored; // the next writer sweeps what is left
  std::filesystem::remove(before_, ignored);
  std::filesystem::remove(after_, ignored);
}

compare::RowDifference DatabaseImages::rows(const std::string& table, std::size_t limit) const {
  return compare::compare_rows(before_, after_, table, limit, session_->cancellation());
}

git::TextDiff DatabaseImages::schema() const {
  return git::diff_texts(as_bytes(compare::schema_text(before_)),
                         as_bytes(compare::schema_text(after_)));
}

std::vector<TableName> find_tables(const compare::Difference& difference,
                                   const std::vector<std::string>& wanted) {
  std::vector<TableName> found;
  for (const std::string& name : wanted) {
    const std::size_t before = found.size();
    for (const DatabaseDifference& database : difference.databases) {
      const bool is_named = name.starts_with(database.name + ":");
      const std::string table = is_named ? name.substr(database.name.size() + 1) : name;
      if (!has_table(database, table)) {
        continue;
      }
      if (database.driver_changed) {
        throw UsageError("cannot compare rows of " + quoted(database.name) +
                             ": its driver changed, to " + database.driver,
                         "compare snapshots that have it as a database of SQLite");
      }
      if (database.driver != "sqlite") {
        throw UsageError("cannot compare rows of " + quoted(database.name) + ": it is one of " +
                             database.driver,
                         "only those of SQLite can be compared row by row");
      }
      found.push_back({.database = database.name, .table = table});
    }
    if (found.size() == before) {
      refuse_table(difference, name);
    }
  }
  return found;
}

std::string rows_text(const cli::Terminal& terminal, const TableRows& rows) {
  const compare::RowDifference& difference = rows.rows;
  std::string columns;
  for (const std::string& column : difference.columns) {
    columns += (columns.empty() ? "" : ", ") + printable(column);
  }
  std::string text =
      terminal.paint(Style::bold, printable(rows.database) + ": " + printable(rows.table)) + " (" +
      columns + ")\n" +
      terminal.paint(Style::cyan, "@@ " + cli::counted(difference.removed, "row") + " gone, " +
                                      std::to_string(difference.modified) + " changed, " +
                                      std::to_string(difference.added) + " new @@") +
      "\n";
  for (const RowChange& row : difference.rows) {
    if (row.kind != ChangeKind::added) {
      text += terminal.paint(Style::red, "-" + values_text(row.before)) + "\n";
    }
    if (row.kind != ChangeKind::removed) {
      text += terminal.paint(Style::green, "+" + values_text(row.after)) + "\n";
    }
  }
  const std::uint64_t all = difference.added + difference.removed + difference.modified;
  if (all > difference.rows.size()) {
    text += "... and " + cli::counted(all - difference.rows.size(), "more row") + "\n";
  }
  return text;
}

json::Value to_json(const TableRows& rows) {
  json::Value changes = json::Value::array();
  for (const RowChange& row : rows.rows.rows) {
    changes.push(json::Value::object(
        {{"change", compare::name_of(row.kind)},
         {"before", row.kind == ChangeKind::added ? json::Value() : to_json(row.before)},
         {"after", row.kind == ChangeKind::removed ? json::Value() : to_json(row.after)}}));
  }
  return json::Value::object({{"database", json::text_or_bytes(rows.database)},
                              {"table", json::text_or_bytes(rows.table)},
                              {"columns", cli::names_document(rows.rows.columns)},
                              {"key", cli::names_document(rows.rows.key)},
                              {"added", rows.rows.added},
                              {"removed", rows.rows.removed},
                              {"modified", rows.rows.modified},
                              {"rows", std::move(changes)}});
}

} // namespace savepoint::tools
