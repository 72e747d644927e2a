#pragma once

#include "drivers/command/driver.hpp"

#include "support/temporary_directory.hpp"

#include <memory>
#include <string>

namespace savepoint::test {

/// A project in which the database is the file `data`, and two commands that know it.
class CommandWorkbench {
public:
  CommandWorkbench();

  [[nodiscard]] const database::Driver& driver() const { return *driver_; }
  [[nodiscard]] database::Target target(const std::string& dump = "cat data",
                                        const std::string& restore = "cat > data") const;
  [[nodiscard]] std::filesystem::path scratch() const { return top_ / "scratch"; }
  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const {
    return top_ / "project" / name;
  }

  struct Image {
    Bytes bytes;
    manifest::DatabaseComponent component;
  };
  [[nodiscard]] Image capture(const database::Target& target) const;
  /// Opened, written and checked.
  [[nodiscard]] std::unique_ptr<database::Restoration>
  staged(const database::Target& target, const Image& image,
         const Cancellation* cancellation = nullptr) const;

  std::map<std::string, std::string> environment{{"PATH", "/usr/bin:/bin"}};

private:
  TemporaryDirectory top_;
  std::unique_ptr<database::Driver> driver_ = drivers::command::make_command_driver();
};

/// What an error of `work` says, or that there was none.
struct Complaint {
  std::string message = "no complaint";
  std::string hint;
  Changed changed = Changed::no;
};
template <typename Kind, typename Work> [[nodiscard]] Complaint complaint_of(const Work& work) {
  try {
    work();
  } catch (const Kind& error) {
    return {error.what(), error.hint(), error.changed()};
  }
  return {};
}

} // namespace savepoint::test
