#pragma once

#include "drivers/postgres/driver.hpp"

#include "support/postgres_server.hpp"
#include "support/temporary_directory.hpp"

#include <memory>
#include <string>

namespace savepoint::drivers::postgres {

/// A capture, read to its end.
struct Image {
  Bytes bytes;
  manifest::DatabaseComponent component;
};

/// A database of its own on the server of the tests, and the driver.
class Workbench {
public:
  /// The database is filled by `statements`, as its owner `app`.
  explicit Workbench(const std::string& statements = "");
  ~Workbench();
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  [[nodiscard]] test::PostgresServer& server() const { return server_; }
  [[nodiscard]] const database::Driver& driver() const { return *driver_; }
  /// Looks for client programs in another directory than the system's.
  void use_versions(const std::filesystem::path& versions) {
    driver_ = make_postgres_driver(versions);
  }
  /// Puts a program of that name in the place of the system's: one of `version` that does `work`.
  void fake(const std::string& program, const std::string& version, const std::string& work);
  /// The server's version: "15".
  [[nodiscard]] std::string major() const;
  [[nodiscard]] database::Target& target() { return target_; }
  [[nodiscard]] std::filesystem::path scratch() const { return directory_ / "scratch"; }
  [[nodiscard]] const test::TemporaryDirectory& directory() const { return directory_; }
  [[nodiscard]] database::RestorationOptions options() const;

  std::string sql(const std::string& statements) const {
    return server_.sql(k_name, statements, "app");
  }
  [[nodiscard]] std::string dump() const { return server_.dump(k_name); }
  [[nodiscard]] std::string fingerprint() const;
  [[nodiscard]] Image capture() const;
  /// Begins a restoration, hands it the image and checks it.
  [[nodiscard]] std::unique_ptr<database::Restoration>
  stage(const Image& image, const database::RestorationOptions& options) const;
  void restore(const Image& image) const;

  static constexpr const char* k_name = "shop";

private:
  test::PostgresServer& server_;
  test::TemporaryDirectory directory_;
  std::unique_ptr<database::Driver> driver_;
  database::Target target_;
};

/// A database that is loaded on several connections: some MiB of everything that a dump can have.
extern const char* const k_large_shop;

/// The path of a client program of the system's.
[[nodiscard]] std::string real_program(const std::string& name);

/// Reads a capture to its end.
[[nodiscard]] Image read_all(database::Capture& capture);

/// What `work` throws: its kind, message and hint in one text; empty if nothing.
template <typename Work> std::string complaint_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return std::string(error.code()) + ": " + error.what() + " [" + error.hint() + "]";
  }
  return "";
}

} // namespace savepoint::drivers::postgres
