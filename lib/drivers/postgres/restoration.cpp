#include "drivers/postgres/internal/restoration.hpp"

#include "base/printable.hpp"
#include "drivers/postgres/internal/capture.hpp"
#include "drivers/postgres/internal/exchange.hpp"
#include "drivers/postgres/internal/facts.hpp"
#include "drivers/postgres/internal/staged_database.hpp"
#include "drivers/postgres/internal/table_restoration.hpp"

#include <algorithm>

namespace savepoint::drivers::postgres {

namespace {

const Cancellation k_never;

RestoreRequest request_for(const database::Target& target,
                           const database::RestorationOptions& options,
                           const std::filesystem::path& versions) {
  return {target, access_to(target), options,
          options.cancellation == nullptr ? k_never : *options.cancellation, versions};
}

/// The tables that we may keep others from writing to.
std::vector<TableId> lockable_tables(Session& session) {
  const Rows rows = session.query(
      "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
      "WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> "
      "'information_schema' AND has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE') ORDER BY "
      "c.oid");
  std::vector<TableId> tables;
  for (int row = 0; row < rows.count(); ++row) {
    tables.emplace_back(rows.text(row, 0), rows.text(row, 1));
  }
  return tables;
}

class PostgresRestoration final : public database::Restoration {
public:
  PostgresRestoration(RestoreRequest request, const manifest::DatabaseComponent& expected)
      : request_(std::move(request)), maintenance_(request_.access) {
    require_database();
    staged_.emplace(maintenance_, request_, expected, Kind::fresh);
  }

  [[nodiscard]] bool needs_image() const override { return staged_->needs_archive(); }
  void write(ByteView bytes) override { staged_->write(bytes); }
  void check(const manifest::DatabaseComponent& expected) override {
    staged_->check(expected);
    if (database_exists(maintenance_.session(), name())) {
      const Transaction trial(maintenance_.session());
      refused_ = carry_over(maintenance_.session(), name(), staged_->name());
    } else {
      refused_ = staged_->attributes();
    }
  }

  [[nodiscard]] std::vector<std::string> left_out() const override {
    std::vector<std::string> all = staged_->left_out();
    all.insert(all.end(), refused_.begin(), refused_.end());
    return all;
  }

  [[nodiscard]] std::unique_ptr<database::Capture> hold() override {
    let_go();
    sight_.reset();
    if (!database_exists(maintenance_.session(), name())) {
      return nullptr;
    }
    clear_sessions(maintenance_, name(), request_.options, {});
    const auto changes = count_changes(maintenance_.session(), name());
    auto holder = std::make_shared<Session>(request_.access, name());
    const std::vector<TableId> tables = lockable_tables(*holder);
    holder->execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
    lock(*holder, tables);
    sight_ = Sight{current_view(*holder), changes, sequence_values(*holder)};
    holder_ = holder;
    return capture_transaction(std::move(holder),
                               {request_.target, request_.access, request_.options.scratch,
                                request_.options.wait, request_.cancellation, request_.versions});
  }

  /// Whoever has the capture still may keep it, but not read it.
  void let_go() override {
    if (holder_ != nullptr) {
      holder_->close();
      holder_.reset();
    }
  }

  void swap() override {
    if (is_swapped_) {
      bug("a database was swapped twice");
    }
    const auto deadline = std::chrono::steady_clock::now() + request_.options.wait;
    for (;;) {
      const bool exists = database_exists(maintenance_.session(), name());
      if (exists) {
        clear_sessions(maintenance_, name(), request_.options, ours());
        require_no_slots(maintenance_.session(), name());
        require_same_sequences();
      }
      let_go(); // it would be in our own way now
      try {
        put_in_place(exists);
        return;
      } catch (const ServerError& error) {
        const bool is_late = std::chrono::steady_clock::now() >= deadline;
        if (error.state() != k_object_in_use || is_late) {
          rethrow(error);
        }
      }
    }
  }

  void undo() override {
    if (!is_swapped_) {
      bug("a database was put back that had not been swapped");
    }
    Session& session = maintenance_.session();
    clear_sessions(maintenance_, name(), request_.options, {});
    Transaction step(session);
    rename_database(session, name(), staged_->name());
    if (!old_.empty()) {
      rename_database(session, old_, name());
    }
    step.commit();
    is_swapped_ = false;
    staged_->set_owned(true);
    staged_.reset();
  }

  void close() override {
    let_go();
    if (!old_.empty() && is_swapped_) {
      try {
        drop_database(maintenance_.session(), old_);
      } catch (const Error&) {
        return; // the next operation on this server sweeps it
      }
    }
  }

private:
  [[nodiscard]] const std::string& name() const { return request_.access.database; }

  [[nodiscard]] std::set<int> ours() const {
    return holder_ == nullptr ? std::set<int>() : std::set<int>{holder_->backend()};
  }

  /// Throws unless there is a database that we may replace, or we are to make one.
  void require_database() {
    Session& session = maintenance_.session();
    const Rows rows =
        session.query("SELECT pg_has_role(datdba, 'USAGE'), pg_get_userbyid(datdba) FROM "
                      "pg_database WHERE datname = $1",
                      {name()});
    if (rows.count() == 0) {
      if (!request_.options.create) {
        throw NotFoundError("there is no database " + quoted(name()) + " at " +
                                request_.access.shown,
                            "give --create-database to make it");
      }
      return;
    }
    if (!rows.truth(0, 0)) {
      const std::string role = current_role(session);
      throw RefusedError("the role " + quoted(role) + " may not replace the database " +
                             quoted(name()) + ", which is owned by " + quoted(rows.text(0, 1)),
                         "as a superuser: GRANT " + quote_name(rows.text(0, 1)) + " TO " +
                             quote_name(role) + ", or ALTER DATABASE " + quote_name(name()) +
                             " OWNER TO " + quote_name(role));
    }
    require_no_slots(session, name());
  }

  void lock(Session& holder, const std::vector<TableId>& tables) const {
    std::string list;
    for (const TableId& table : tables) {
      list += (list.empty() ? "" : ", ") + ("ONLY " + quote_name(table.first)) + "." +
              quote_name(table.second);
    }
    if (list.empty()) {
      return;
    }
    const auto wait = std::max<std::int64_t>(1, request_.options.wait.count());
    try {
      holder.execute("SET LOCAL lock_timeout = " + std::to_string(wait) + "; LOCK TABLE " + list +
                     " IN SHARE MODE");
    } catch (const ServerError& error) {
      if (error.state() == k_lock_not_available) {
        throw BusyError("others write to database " + quoted(name()),
                        "try again when they are done");
      }
      throw;
    }
  }

  /// Numbers that sequences give out show in no count of rows, and once the database is locked
  /// nobody can ask for them.
  void require_same_sequences() const {
    if (!sight_) {
      return;
    }
    Session present(request_.access, name());
    if (sequence_values(present) != sight_->sequences) {
      throw moved(name());
    }
  }

  void put_in_place(bool exists) {
    if (!exists) {
      if (sight_) {
        throw database::MovedError("the database " + quoted(name()) + " is gone");
      }
      rename_database(maintenance_.session(), staged_->name(), name());
    } else {
      const std::string old = maintenance_.name(Kind::old);
      exchange(maintenance_, name(), staged_->name(), old, sight_);
      old_ = old;
    }
    is_swapped_ = true;
    staged_->set_owned(false);
  }

  [[noreturn]] void rethrow(const ServerError& error) {
    if (error.state() == k_object_in_use) {
      throw BusyError(error.what(), "stop what connects to the database, then try again");
    }
    if (error.state() == k_no_such_database || error.state() == k_duplicate_database) {
      throw database::MovedError(error.what());
    }
    throw error;
  }

  RestoreRequest request_;
  Maintenance maintenance_;
  std::optional<StagedDatabase> staged_;
  std::shared_ptr<Session> holder_; ///< Keeps others from writing until the swap.
  std::optional<Sight> sight_;      ///< Of the database that is held.
  std::string old_; ///< What the replaced database is called; empty: there was none.
  bool is_swapped_ = false;
  std::vector<std::string> refused_; ///< What belongs to the database and the new one lacks.
};

class PostgresRehearsal final : public database::Restoration {
public:
  PostgresRehearsal(RestoreRequest request, const manifest::DatabaseComponent& expected)
      : request_(std::move(request)), maintenance_(request_.access),
        staged_(maintenance_, request_, expected, Kind::rehearsal) {}

  void write(ByteView bytes) override { staged_.write(bytes); }
  void check(const manifest::DatabaseComponent& expected) override { staged_.check(expected); }
  [[nodiscard]] std::vector<std::string> left_out() const override { return staged_.left_out(); }
  void swap() override { bug("a rehearsal has nothing to swap into"); }
  void undo() override { bug("a rehearsal has nothing to undo"); }
  void close() override {}

private:
  RestoreRequest request_;
  Maintenance maintenance_;
  StagedDatabase staged_;
};

} // namespace

std::unique_ptr<database::Restoration> open_restoration(const database::Target& target,
                                                        const manifest::DatabaseComponent& expected,
                                                        const database::RestorationOptions& options,
                                                        const std::filesystem::path& versions) {
  RestoreRequest request = request_for(target, options, versions);
  if (!options.tables.empty()) {
    return open_table_restoration(std::move(request), expected);
  }
  return std::make_unique<PostgresRestoration>(std::move(request), expected);
}

std::unique_ptr<database::Restoration> open_rehearsal(const database::Target& target,
                                                      const manifest::DatabaseComponent& expected,
                                                      const database::RestorationOptions& options,
                                                      const std::filesystem::path& versions) {
  return std::make_unique<PostgresRehearsal>(request_for(target, options, versions), expected);
}

} // namespace savepoint::drivers::postgres
