#pragma once

#include "drivers/postgres/internal/loader.hpp"
#include "drivers/postgres/internal/maintenance.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace savepoint::drivers::postgres {

/// A database of ours that an archive is loaded into; dropped at the end unless it was given away.
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

  void write(ByteView bytes) { loader_->write(bytes); }
  /// Restoration::check.
  void check(const manifest::DatabaseComponent& expected);

  [[nodiscard]] const std::string& name() const { return name_; }
  /// What the snapshot has and this does not.
  [[nodiscard]] std::vector<std::string> left_out() const;
  /// Whether the destructor drops it.
  void set_owned(bool is_owned) { is_owned_ = is_owned; }

private:
  void create(const RestoreRequest& request, const manifest::DatabaseComponent& expected,
              Kind kind);
  void drop() noexcept;

  Maintenance* maintenance_;
  const RestoreRequest* request_;
  std::string name_;
  bool is_owned_ = true;
  std::vector<std::string> left_out_;
  std::optional<Loader> loader_;
};

} // namespace savepoint::drivers::postgres
