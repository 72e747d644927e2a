#pragma once

#include "drivers/postgres/internal/loader.hpp"
#include "drivers/postgres/internal/maintenance.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::drivers::postgres {

/// A database of ours that an archive is loaded into, or that is made of a copy which the server
/// keeps; dropped at the end unless it was given away.
class StagedDatabase {
public:
  /// Makes it beside the database of `request`. `maintenance` and `request` must outlive it.
  ///
  /// Throws NotFoundError where the server or the client programs cannot take the archive,
  /// RefusedError for rights that are missing.
  StagedDatabase(Maintenance& maintenance, const RestoreRequest& request,
                 const manifest::DatabaseComponent& expected, Kind kind);
  ~StagedDatabase();
  StagedDatabase(const StagedDatabase&) = delete;
  StagedDatabase& operator=(const StagedDatabase&) = delete;

  /// Whether there is no copy.
  [[nodiscard]] bool needs_archive() const { return loader_.has_value(); }
  void write(ByteView bytes);
  /// Restoration::check.
  void check(const manifest::DatabaseComponent& expected);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// What the snapshot has and this does not.
  [[nodiscard]] std::vector<std::string> left_out() const;
  /// What the snapshot has of the database itself, which is nothing that can be loaded.
  [[nodiscard]] std::vector<std::string> attributes() const {
    return loader_ ? loader_->attributes() : std::vector<std::string>();
  }
  /// Whether the destructor drops it.
  void set_owned(bool is_owned) { is_owned_ = is_owned; }

private:
  void create(const RestoreRequest& request, const manifest::DatabaseComponent& expected,
              Kind kind);
  /// False if there is no copy of `expected` on the server, or if it is not what it should be.
  [[nodiscard]] bool create_of_copy(const RestoreRequest& request,
                                    const manifest::DatabaseComponent& expected);
  void compare(const manifest::DatabaseComponent& expected) const;
  void drop() noexcept;
  /// Drops the tables, which a full server can do, and which lets it drop the rest.
  void make_room() const;

  Maintenance* maintenance_;
  const RestoreRequest* request_;
  std::string name_;
  bool is_owned_ = true;
  bool is_server_full_ = false;
  std::vector<std::string> left_out_;
  std::optional<Loader> loader_; ///< Missing if it was made of a copy.
};

} // namespace savepoint::drivers::postgres
