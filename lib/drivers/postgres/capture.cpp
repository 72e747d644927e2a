#include "drivers/postgres/internal/capture.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/archive.hpp"
#include "drivers/postgres/internal/copies.hpp"
#include "drivers/postgres/internal/facts.hpp"
#include "drivers/postgres/internal/maintenance.hpp"
#include "drivers/postgres/internal/summary.hpp"

#include <algorithm>

namespace savepoint::drivers::postgres {

namespace {

// Small enough that a changed row costs little, in the average and at worst.
constexpr std::size_t k_average_chunk = std::size_t{16} << 10U;
constexpr std::size_t k_first_piece = std::size_t{64} << 10U;
constexpr int k_oldest_server = 12;

/// Who keeps a table locked so that nobody may read it.
std::string lock_holders(Session& session) {
  const Rows rows = session.query(
      "SELECT DISTINCT l.pid, coalesce(a.application_name, ''), l.relation::regclass::text FROM "
      "pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid WHERE l.granted AND l.mode = "
      "'AccessExclusiveLock' AND l.locktype = 'relation' AND l.pid <> pg_backend_pid() AND "
      "l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 5");
  std::string list;
  for (int row = 0; row < rows.count(); ++row) {
    list += (row == 0 ? ": " : "; ") + rows.text(row, 2) + " by pid " + rows.text(row, 0) +
            ", application " + quoted(rows.text(row, 1));
  }
  return list;
}

class PostgresCapture final : public database::Capture {
public:
  PostgresCapture(std::shared_ptr<Session> session, const CaptureRequest& request)
      : session_(std::move(session)), access_(request.access), rules_(rules_of(request.target)),
        facts_(read_facts(*session_)),
        environment_(access_, request.target, session_->database(), request.scratch) {
    const Program program = find_dump(request.target, session_->major(), request.versions);
    const std::string view = session_->query("SELECT pg_export_snapshot()").text(0, 0);
    dump_ = start_client(
        program,
        {"--format=custom", "--compress=0", "--no-password", "--snapshot=" + view,
         "--lock-wait-timeout=" + std::to_string(std::max<std::int64_t>(1, request.wait.count()))},
        access_, request.target, environment_, session_->database(), request.cancellation);
    read_head();
  }

  [[nodiscard]] database::StreamShape shape() const override {
    return {.average_chunk = k_average_chunk, .expected_size = facts_.size};
  }

  [[nodiscard]] std::size_t read(std::span<std::byte> into) override {
    if (given_ < first_.size()) {
      const std::size_t size = std::min(into.size(), first_.size() - given_);
      std::copy_n(first_.begin() + static_cast<std::ptrdiff_t>(given_), size, into.begin());
      given_ += size;
      return size;
    }
    if (dump_ == nullptr || into.empty()) {
      return 0;
    }
    const std::size_t size = dump_->read(into);
    if (size == 0) {
      finish();
      return 0;
    }
    data_->pass(into.first(size));
    return size;
  }

  [[nodiscard]] manifest::DatabaseComponent describe() override {
    manifest::DatabaseComponent component;
    component.driver = "postgres";
    component.size = facts_.size;
    component.migration = facts_.migration;
    component.migration_table = facts_.migration_table;
    for (const ArchiveSummary::Rows& rows : summary_->rows()) {
      const TableId& table = names_.at({rows.schema, rows.table});
      if (!facts_.extension_tables.contains(table)) {
        component.tables.push_back({table_name(table.first, table.second), rows.count});
      }
    }
    std::ranges::sort(component.tables, {}, &manifest::Table::name);
    component.details = facts_.details;
    component.details.set("large_objects", summary_->large_objects());
    component.details.set("archive_format", "1." + std::to_string(head_.format));
    component.details.set("content", summary_->content());
    component.details.set("schema", summary_->schema());
    return component;
  }

private:
  static ContentRules rules_of(const database::Target& target) {
    return {target.settings.keep_owner, target.settings.keep_privileges};
  }

  /// Until the table of contents is complete: so trouble at the beginning shows at once.
  void read_head() {
    std::optional<ArchiveHead> head;
    for (std::size_t size = k_first_piece; !head; size *= 2) {
      while (first_.size() < size) {
        const std::size_t before = first_.size();
        first_.resize(size);
        first_.resize(before + dump_->read(std::span(first_).subspan(before)));
        if (first_.size() == before) {
          break;
        }
      }
      head = first_.empty() ? std::nullopt : parse_head(first_);
      if (!head && first_.size() < size) {
        throw_failure(dump_->finish());
      }
    }
    head_ = std::move(*head);
    forget_time(first_, head_);
    const std::string encoding = encoding_of(facts_.details);
    for (const ArchiveEntry& entry : head_.entries) {
      if (entry.kind == "TABLE DATA") {
        names_[{entry.schema, entry.tag}] = {in_utf8(*session_, entry.schema, encoding),
                                             in_utf8(*session_, entry.tag, encoding)};
      }
    }
    summary_.emplace(head_, rules_);
    data_.emplace(head_, *summary_);
    data_->pass(ByteView(first_).subspan(head_.size));
  }

  void finish() {
    const process::Ended ended = dump_->finish();
    dump_.reset();
    if (ended.exit_code != 0) {
      throw_failure(ended);
    }
    try {
      data_->expect_complete();
    } catch (const CorruptionError&) {
      throw DatabaseError(k_cut_short + ("of " + quoted(session_->database())),
                          "try again; if it happens again, run pg_dump by hand");
    }
  }

  [[noreturn]] void throw_failure(const process::Ended& ended) {
    if (ended.exit_code == 0) {
      throw DatabaseError(k_cut_short + ("of " + quoted(session_->database())),
                          "try again; if it happens again, run pg_dump by hand");
    }
    const std::string why = access_.scrubbed(complaint(ended));
    if (ended.error_output.find("Query was: LOCK TABLE") != std::string::npos &&
        why.find("permission denied") == std::string::npos) {
      std::string holders;
      try {
        holders = lock_holders(*session_);
      } catch (const Error&) {
        holders.clear(); // gone, or not for us to see
      }
      throw BusyError("a table of " + quoted(session_->database()) + " is locked" + holders,
                      "try again when whoever changes the table is done");
    }
    throw DatabaseError("pg_dump failed: " + why, hint_for(why));
  }

  [[nodiscard]] std::string hint_for(const std::string& why) const {
    if (why.find("permission denied") != std::string::npos) {
      return "let the role read everything, as a superuser: GRANT pg_read_all_data TO " +
             role_name() + " (PostgreSQL 14 and later)";
    }
    if (why.find("row-level security") != std::string::npos) {
      return "a role that row security hides rows from cannot capture them; use the owner of the "
             "table, or as a superuser: ALTER ROLE " +
             role_name() + " BYPASSRLS";
    }
    return "check that the server runs, then try again";
  }

  [[nodiscard]] std::string role_name() const {
    const auto user = access_.keywords.find("user");
    return user == access_.keywords.end() ? "the role" : quote_name(user->second);
  }

  static constexpr const char* k_cut_short = "pg_dump ended without an error and without the end ";

  std::shared_ptr<Session> session_;
  Access access_;
  ContentRules rules_;
  Facts facts_;
  ClientEnvironment environment_;
  std::unique_ptr<process::Child> dump_;
  Bytes first_; // the head, and what came with it
  std::size_t given_ = 0;
  ArchiveHead head_;
  std::map<TableId, TableId> names_; ///< Of tables: as the archive has them, and for people.
  std::optional<ArchiveSummary> summary_;
  std::optional<ArchiveData> data_;
};

} // namespace

std::unique_ptr<database::Capture> capture_transaction(std::shared_ptr<Session> session,
                                                       const CaptureRequest& request) {
  return std::make_unique<PostgresCapture>(std::move(session), request);
}

std::unique_ptr<database::Capture> open_capture(const database::Target& target,
                                                const std::filesystem::path& scratch,
                                                std::chrono::milliseconds wait,
                                                const Cancellation& cancellation,
                                                const std::filesystem::path& versions) {
  const Access access = access_to(target);
  cancellation.check();
  auto session = std::make_shared<Session>(access, access.database);
  if (session->major() < k_oldest_server) {
    throw NotFoundError("the server at " + access.shown + " is PostgreSQL " +
                            std::to_string(session->major()) + ", too old to be captured",
                        "PostgreSQL 12 and later can be");
  }
  sweep(*session);
  if (!wants_copies(target)) {
    drop_copies(*session, access.database);
  }
  session->execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  return capture_transaction(std::move(session),
                             {target, access, scratch, wait, cancellation, versions});
}

} // namespace savepoint::drivers::postgres
