#pragma once

#include "drivers/mariadb/internal/session.hpp"
#include "drivers/mariadb/internal/stored_objects.hpp"
#include "drivers/mariadb/internal/tables.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::drivers::mariadb {

/// The schemas of one restoration or rehearsal and what is kept in them. All names have the same
/// sixteen hex digits, so that nothing of the user's has them.
class ScratchNames {
public:
  /// Names that nobody else has.
  ScratchNames();
  explicit ScratchNames(std::string id) : id_(std::move(id)) {}

  [[nodiscard]] const std::string& id() const { return id_; }
  /// Where a database is loaded, and what it replaces goes.
  [[nodiscard]] std::string fresh() const { return "savepoint_new_" + id_; }
  [[nodiscard]] std::string old() const { return "savepoint_old_" + id_; }
  [[nodiscard]] std::string rehearsal() const { return "savepoint_rehearsal_" + id_; }
  /// What the owner's session holds by GET_LOCK while it lives.
  [[nodiscard]] std::string lock() const { return "savepoint_" + id_; }
  /// Tables in `fresh`: which database is restored, and what it has beside tables.
  [[nodiscard]] std::string state_table() const { return "savepoint_state_" + id_; }
  [[nodiscard]] std::string objects_table() const { return "savepoint_objects_" + id_; }
  /// A table that goes from `fresh` to `old` in the same statement as all others: where it is says
  /// whether they have.
  [[nodiscard]] std::string witness() const { return "savepoint_witness_" + id_; }
  /// What the session that exchanges tables holds meanwhile: it can outlive the owner's.
  [[nodiscard]] std::string exchange_lock() const { return lock() + "_exchange"; }
  /// A table in the database itself whose name sorts after all others (U+FFEE is the last that any
  /// script uses): what exchanges tables comes to it when it has all of them.
  [[nodiscard]] std::string gate() const { return "\xEF\xBF\xAEsavepoint_" + id_; }
  /// What the gate is renamed to, which fails for as long as there is a table of this name.
  [[nodiscard]] std::string open_gate() const { return gate() + "_open"; }
  /// Where in the database itself an old table waits which has triggers, and so cannot leave its
  /// schema yet.
  [[nodiscard]] std::string aside(std::size_t index) const {
    return lock() + "_" + std::to_string(index);
  }
  /// What a foreign key is called while an old table keeps its name.
  [[nodiscard]] std::string key(std::size_t index) const {
    return lock() + "_key_" + std::to_string(index);
  }
  [[nodiscard]] bool is_ours(std::string_view table) const;

private:
  std::string id_;
};

/// What a restoration is about to do to a database: enough to finish it, or to take it back.
struct Intention {
  std::string target;
  Owner owner = Owner::strip;
  bool made_target = false; ///< There was no such database before.
  /// What the database has beside tables, before and after.
  std::vector<StoredObject> before;
  std::vector<StoredObject> after;
  std::vector<std::string> defaults; ///< Statements that point default values at their sequences.
  std::vector<StoredObject> keys;    ///< Foreign keys under names of ours: see lend_key_names.
};

/// Takes the lock of `names` for as long as `session` lives.
void claim(Session& session, const ScratchNames& names);
/// Makes `fresh` or `rehearsal` with the mark by which we know our own.
void make_scratch(Session& session, const ScratchNames& names, const std::string& schema,
                  const SchemaInfo& info);
/// Writes down what is going to be done, and makes `old`. From now on `settle` is owed.
void record(Session& session, const ScratchNames& names, const Intention& intention);
/// Gives the database everything beside tables that belongs to the tables that it has now.
void settle(Session& session, const ScratchNames& names);
/// Gives foreign keys their names back, once no old table stands in the database any more.
void give_key_names_back(Session& session, const ScratchNames& names);
/// Whether the tables have been exchanged.
[[nodiscard]] bool is_exchanged(Session& session, const ScratchNames& names);
/// Removes every schema of `names`.
void discard(Session& session, const ScratchNames& names);

/// Finishes or takes back, and removes, what restorations and rehearsals have left whose owners are
/// gone. Touches nothing that is not marked as ours.
void sweep(Session& session);

/// A session that has taken the lock of `names`, after what others left was swept away.
class OwnerSession : public Session {
public:
  OwnerSession(const database::Address& address, const ScratchNames& names)
      : Session(address, Purpose::restore) {
    sweep(*this);
    claim(*this, names);
  }
};

} // namespace savepoint::drivers::mariadb
