#pragma once

#include "config/config.hpp"

#include <filesystem>
#include <mutex>
#include <string>

namespace savepoint::web {

/// Opens an address in the browser of the desktop, if there is one.
///
/// The address has a secret, and everybody may read the command lines of a machine: so the browser
/// gets the name of a file that only its user may read, and that leads there. It is gone at the
/// latest when this is destroyed.
class Launch {
public:
  Launch(const std::string& address, const config::Environment& environment);
  ~Launch();
  Launch(const Launch&) = delete;
  Launch& operator=(const Launch&) = delete;

  /// Takes the file away: the page was opened. May be called often, and by several threads.
  void remove_file();

private:
  std::filesystem::path file_; ///< Empty if there is none.
  std::once_flag is_removed_;
};

} // namespace savepoint::web
