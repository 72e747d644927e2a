#pragma once

#include "database/driver.hpp"
#include "sqlite/connection.hpp"
#include "support/temporary_directory.hpp"

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace savepoint::test {

/// A capture, read to its end.
struct Image {
  Bytes bytes;
  manifest::DatabaseComponent component;
};

/// A directory with one database, `app.db`, a driver for it, and room for scratch files.
class Workbench {
public:
  /// `restore_wait` is how long restores wait for locks.
  explicit Workbench(std::chrono::milliseconds restore_wait = std::chrono::milliseconds(100));

  [[nodiscard]] std::filesystem::path file(std::string_view suffix = "") const;
  [[nodiscard]] database::Target target() const;
  [[nodiscard]] const database::Driver& driver() const { return *driver_; }
  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path scratch() const { return directory_ / "scratch"; }
  /// The names in the database's directory, with a space after each.
  [[nodiscard]] std::string names() const;

  /// Opens the database, making it if there is none.
  [[nodiscard]] sqlite::Connection open() const;
  /// Runs SQL on a connection of its own, which is closed again.
  void run(const std::string& sql) const;
  [[nodiscard]] std::int64_t ask(const std::string& sql) const;

  /// Null if the driver says that this is no database.
  [[nodiscard]] std::unique_ptr<database::Capture> open_capture() const;
  [[nodiscard]] Image capture() const;
  /// A restoration of `image`, staged and checked.
  [[nodiscard]] std::unique_ptr<database::Restoration> stage(const Image& image) const;
  void restore(const Image& image) const;

private:
  TemporaryDirectory directory_;
  std::filesystem::path root_;
  std::unique_ptr<database::Driver> driver_;
  std::chrono::milliseconds restore_wait_;
};

/// The image as a database of its own, to ask questions of.
class OpenedImage {
public:
  explicit OpenedImage(const Image& image);
  [[nodiscard]] std::int64_t ask(const std::string& sql) { return connection_->query_integer(sql); }
  [[nodiscard]] std::string text(const std::string& sql) { return connection_->query_text(sql); }

private:
  TemporaryDirectory directory_;
  std::unique_ptr<sqlite::Connection> connection_;
};

/// A process that dies by SIGKILL as soon as it has done `work`: what it held open is never closed.
void do_and_die(const std::function<void()>& work);

/// Starts a process that does `work`; its exit code is 0 if `work` did not throw.
[[nodiscard]] pid_t start(const std::function<void()>& work);
[[nodiscard]] int wait_for(pid_t process);

} // namespace savepoint::test
