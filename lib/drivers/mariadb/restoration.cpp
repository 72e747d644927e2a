#include "drivers/mariadb/internal/restoration.hpp"

#include "base/printable.hpp"
#include "drivers/mariadb/internal/capture.hpp"
#include "drivers/mariadb/internal/exchange.hpp"
#include "drivers/mariadb/internal/foreign_keys.hpp"
#include "drivers/mariadb/internal/scratch.hpp"
#include "drivers/mariadb/internal/sql_text.hpp"
#include "drivers/mariadb/internal/staged.hpp"

#include <algorithm>
#include <map>

namespace savepoint::drivers::mariadb {

namespace {

Owner owner_of(const database::Target& target) {
  return target.settings.keep_owner ? Owner::keep : Owner::strip;
}

/// What a database consists of, as far as others could change it.
struct State {
  std::vector<TableInfo> tables;
  std::vector<StoredObject> objects;
};

bool same_tables(const std::vector<TableInfo>& one, const std::vector<TableInfo>& other) {
  return std::ranges::equal(one, other, {}, &TableInfo::name, &TableInfo::name);
}

class MariadbRestoration final : public database::Restoration {
public:
  MariadbRestoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                     const database::RestorationOptions& options)
      : target_(target), options_(options), schema_(target.address.database),
        owner_(owner_of(target)), wanted_info_(schema_info(expected)),
        wanted_invalid_(invalid_views(expected)), control_(target.address, names_),
        exists_(find_target()) {
    refuse_foreign_references();
    staged_.emplace(control_, names_, names_.fresh(), expected, options);
  }

  ~MariadbRestoration() override {
    try {
      lock_.reset();
      staged_.reset();
      // Also what a swap that did not come to its end has left.
      settle(control_, names_);
      discard(control_, names_);
    } catch (const Error&) {
      return; // the next operation on this server sweeps it away
    }
  }

  void write(ByteView bytes) override { staged_->write(bytes); }

  void check(const manifest::DatabaseComponent& expected) override {
    staged_->check(expected);
    refuse_split_references();
    point_defaults_home();
    if (exists_) {
      static_cast<void>(after(look().objects)); // what stays is to be known in time
    }
  }

  [[nodiscard]] std::vector<std::string> left_out() const override {
    std::vector<std::string> all;
    for (const std::string& view : staying_) {
      all.push_back("view " + quoted(view) +
                    " stays: what it shows is not there, so that no snapshot could bring it back");
    }
    for (const std::string& event : passed_events_) {
      all.push_back("event " + quoted(event) + ", whose time has passed");
    }
    return all;
  }

  [[nodiscard]] std::unique_ptr<database::Capture> hold() override {
    let_go();
    if (!exists_) {
      return nullptr;
    }
    lock_now();
    return open_capture(target_, options_.cancellation);
  }
  void let_go() override { lock_.reset(); }

  void swap() override {
    if (exists_ && lock_ == nullptr) {
      lock_now();
    }
    refuse_foreign_references();
    const State now = exists_ ? look() : State{};
    if (exists_ && (!same_tables(now.tables, seen_.tables) || now.objects != seen_.objects)) {
      lock_.reset();
      throw database::MovedError("others changed the schema of " + quoted(schema_) +
                                     " while it was being saved",
                                 "try again");
    }
    std::ranges::move(
        lend_key_names(control_, names_, schema_, tables_with_triggers(now), lent_keys_.size()),
        std::back_inserter(lent_keys_));
    const Intention intention{schema_,   owner_,    !exists_, now.objects, after(now.objects),
                              defaults_, lent_keys_};
    record(control_, names_, intention);
    if (!exists_) {
      control_.execute("CREATE DATABASE IF NOT EXISTS " + name_of(schema_) + " CHARACTER SET " +
                       name_of(wanted_info_.charset) + " COLLATE " +
                       name_of(wanted_info_.collation));
    }
    put_in_place(now);
    note_passed_events(intention.after);
  }

  void undo() override {
    std::vector<StoredObject> present = read_objects(control_, schema_, owner_);
    for (const StoredObject& object : present) {
      if (object.kind == "TRIGGER") {
        drop_object(control_, schema_, object);
      }
    }
    move_aside();
    std::vector<Rename> renames;
    for (const std::string& table : new_names_) {
      renames.push_back(moved(table, schema_, names_.fresh()));
    }
    for (const std::string& table : old_names_) {
      renames.push_back(moved(table, names_.old(), schema_));
    }
    renames.push_back(moved(names_.witness(), names_.old(), names_.fresh()));
    control_.execute("SET SESSION lock_wait_timeout = " +
                     std::to_string(std::max<std::int64_t>(1, options_.wait.count() / 1000)));
    control_.execute(rename_statement(renames));
    if (old_info_) {
      set_charset(*old_info_);
    }
    settle(control_, names_);
    discard(control_, names_);
  }

  void close() override {
    staged_.reset();
    settle(control_, names_);
    discard(control_, names_);
  }

private:
  bool find_target() {
    old_info_ = mariadb::schema_info(control_, schema_);
    if (!old_info_ && !options_.create) {
      throw NotFoundError("the server has no database " + quoted(schema_),
                          "make it, or let --create-database make it");
    }
    return old_info_.has_value();
  }

  [[nodiscard]] State look() {
    State state{list_tables(control_, schema_), read_objects(control_, schema_, owner_)};
    if (!options_.tables.empty()) {
      std::erase_if(state.tables, [this](const TableInfo& table) { return !is_meant(table.name); });
    }
    return state;
  }

  [[nodiscard]] bool is_meant(const std::string& table) const {
    return options_.tables.empty() ||
           std::ranges::find(options_.tables, table) != options_.tables.end();
  }

  void lock_now() {
    const State first = look();
    std::vector<std::string> tables;
    for (const TableInfo& table : first.tables) {
      tables.push_back(table.name);
    }
    lock_ = std::make_unique<WriteLock>(
        target_.address, control_, tables,
        WriteLock::Options{options_.wait, options_.disconnect, options_.cancellation});
    seen_ = look();
    if (!same_tables(first.tables, seen_.tables)) {
      lock_.reset();
      throw BusyError("others change the schema of " + quoted(schema_), "try again later");
    }
  }

  /// What the database is to have beside tables.
  [[nodiscard]] std::vector<StoredObject> after(const std::vector<StoredObject>& now) {
    std::vector<StoredObject> result;
    if (options_.tables.empty()) {
      result = staged_->objects();
      staying_.clear();
      for (StoredObject& view : views_to_keep(control_, schema_, now, result, wanted_invalid_)) {
        if (std::ranges::find(wanted_invalid_, view.name) == wanted_invalid_.end()) {
          staying_.push_back(view.name);
        }
        result.push_back(std::move(view));
      }
      return result;
    }
    std::ranges::copy_if(now, std::back_inserter(result), [this](const StoredObject& object) {
      return object.kind != "TRIGGER" || !is_meant(object.table);
    });
    result.insert(result.end(), staged_->objects().begin(), staged_->objects().end());
    return result;
  }

  /// From one schema to another.
  static Rename moved(const std::string& table, const std::string& from, const std::string& to) {
    return {name_of(from, table), name_of(to, table)};
  }

  /// Those that cannot leave their schema in the same statement as the others.
  static std::vector<std::string> tables_with_triggers(const State& now) {
    std::vector<std::string> names;
    for (const TableInfo& table : now.tables) {
      if (std::ranges::find(now.objects, table.name, &StoredObject::table) != now.objects.end()) {
        names.push_back(table.name);
      }
    }
    return names;
  }

  void put_in_place(const State& now) {
    const std::vector<std::string> with_triggers = tables_with_triggers(now);
    std::vector<Rename> renames;
    old_names_.clear();
    new_names_.clear();
    aside_.clear();
    for (const TableInfo& table : now.tables) {
      old_names_.push_back(table.name);
      if (std::ranges::find(with_triggers, table.name) != with_triggers.end()) {
        const std::string aside = names_.aside(aside_.size());
        aside_.emplace(aside, table.name);
        renames.push_back({name_of(schema_, table.name), name_of(schema_, aside)});
      } else {
        renames.push_back(moved(table.name, schema_, names_.old()));
      }
    }
    for (const TableInfo& table : staged_->tables()) {
      new_names_.push_back(table.name);
      renames.push_back(moved(table.name, names_.fresh(), schema_));
    }
    renames.push_back(moved(names_.witness(), names_.fresh(), names_.old()));
    try {
      if (lock_ != nullptr) {
        lock_->exchange(names_, renames);
      } else {
        control_.execute(rename_statement(renames));
      }
      lock_.reset();
      if (options_.tables.empty()) {
        set_charset(wanted_info_);
      }
      settle(control_, names_);
      move_aside();
      give_key_names_back(control_, names_);
      control_.execute("DROP TABLE IF EXISTS " + name_of(schema_, names_.open_gate()));
    } catch (...) {
      lock_.reset();
      take_back();
      throw;
    }
  }

  /// The server drops an event that it is to make for a moment of the past.
  void note_passed_events(const std::vector<StoredObject>& wanted) {
    passed_events_.clear();
    const std::vector<StoredObject> made = read_objects(control_, schema_, owner_);
    for (const StoredObject& object : wanted) {
      if (object.kind == "EVENT" && std::ranges::find(made, object) == made.end()) {
        passed_events_.push_back(object.name);
      }
    }
  }

  /// Brings the old tables that had triggers to the others.
  void move_aside() {
    for (const auto& [aside, table] : aside_) {
      control_.execute("RENAME TABLE " + name_of(schema_, aside) + " TO " +
                       name_of(names_.old(), table));
    }
    aside_.clear();
  }

  /// After a swap that failed on its way.
  void take_back() {
    if (is_exchanged(control_, names_)) {
      undo();
      return;
    }
    settle(control_, names_);
    control_.execute("DROP TABLE IF EXISTS " + name_of(schema_, names_.gate()) + ", " +
                     name_of(schema_, names_.open_gate()));
    control_.execute("DELETE FROM " + name_of(names_.fresh(), names_.state_table()));
  }

  void set_charset(const SchemaInfo& info) {
    control_.execute("ALTER DATABASE " + name_of(schema_) + " CHARACTER SET " +
                     name_of(info.charset) + " COLLATE " + name_of(info.collation));
  }

  /// Tables of other databases that refer to ours would follow them when they are exchanged.
  void refuse_foreign_references() {
    const auto other = control_.value(
        "SELECT CONCAT(CONSTRAINT_SCHEMA, '.', TABLE_NAME) FROM "
        "information_schema.REFERENTIAL_CONSTRAINTS WHERE UNIQUE_CONSTRAINT_SCHEMA = " +
        literal(schema_) + " AND CONSTRAINT_SCHEMA <> " + literal(schema_) + " LIMIT 1");
    if (other) {
      throw RefusedError("table " + quoted(*other) + " of another database refers to " +
                             quoted(schema_) + " by a foreign key",
                         "drop that foreign key first");
    }
  }

  /// A table of some that are restored must not refer to one that stays, nor the other way round.
  void refuse_split_references() {
    if (options_.tables.empty()) {
      return;
    }
    for (const std::string& schema : {schema_, names_.fresh()}) {
      for (const std::vector<Cell>& row :
           control_.query("SELECT TABLE_NAME, REFERENCED_TABLE_NAME FROM "
                          "information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = " +
                          literal(schema))) {
        const std::string from = row[0].value_or("");
        const std::string to = row[1].value_or("");
        if (is_meant(from) != is_meant(to)) {
          throw RefusedError("table " + quoted(from) + " refers to table " + quoted(to) +
                                 " by a foreign key: one cannot be restored without the other",
                             "name both tables");
        }
      }
    }
  }

  /// A default value that comes from a sequence names the schema of the sequence, and would go on
  /// naming the one in which it was loaded.
  void point_defaults_home() {
    defaults_.clear();
    for (const std::vector<Cell>& row : control_.query(
             "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE "
             "TABLE_SCHEMA = " +
             literal(names_.fresh()) + " AND COLUMN_DEFAULT LIKE " +
             literal("%" + name_of(names_.fresh()) + "%"))) {
      const auto statement = [&](const std::string& schema) {
        return "ALTER TABLE " + name_of(schema, row[0].value_or("")) + " ALTER " +
               name_of(row[1].value_or("")) + " SET DEFAULT " +
               with_other_schema(row[2].value_or(""), names_.fresh(), schema_);
      };
      if (control_.attempt(statement(names_.fresh())) != 0) {
        defaults_.push_back(statement(schema_)); // once the sequence is where it belongs
      }
    }
  }

  database::Target target_;
  database::RestorationOptions options_;
  const std::string schema_;
  Owner owner_;
  SchemaInfo wanted_info_;
  std::vector<std::string> wanted_invalid_; ///< Views that the image does not hold.
  std::vector<std::string> staying_;        ///< Views that it does not have, and that stay.
  std::vector<std::string> passed_events_;  ///< Of the image, not made.
  std::optional<SchemaInfo> old_info_;
  ScratchNames names_;
  OwnerSession control_;
  bool exists_;
  std::optional<Staged> staged_;
  std::vector<std::string> defaults_;
  std::vector<StoredObject> lent_keys_;
  std::unique_ptr<WriteLock> lock_;
  State seen_;
  std::vector<std::string> old_names_;
  std::vector<std::string> new_names_;
  std::map<std::string, std::string> aside_; // names of old tables with triggers, by where they are
};

} // namespace

std::unique_ptr<database::Restoration>
open_restoration(const database::Target& target, const manifest::DatabaseComponent& expected,
                 const database::RestorationOptions& options) {
  return std::make_unique<MariadbRestoration>(target, expected, options);
}

} // namespace savepoint::drivers::mariadb
