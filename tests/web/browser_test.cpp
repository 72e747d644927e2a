#include "web/browser.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <sys/stat.h>

using namespace savepoint;

namespace {

const std::string k_address = "http://127.0.0.1:4711/#SECRET";

/// A desktop whose xdg-open tells what it was given, and who may read that.
class Desktop {
public:
  Desktop() {
    REQUIRE(mkfifo(pipe().c_str(), 0600) == 0);
    std::filesystem::create_directory(directory_.path() / "run");
    std::filesystem::create_directory(directory_.path() / "home");
    const std::filesystem::path opener = directory_.path() / "xdg-open";
    std::ofstream(opener) << "#!/bin/sh\n{ tr '\\0' ' ' < /proc/$$/cmdline; echo; stat -c %a "
                             "\"$1\"; cat \"$1\"; } > '"
                          << pipe() << "'\n";
    std::filesystem::permissions(opener, std::filesystem::perms::owner_all);
  }
  [[nodiscard]] config::Environment environment() const {
    return {{"PATH", directory_.path().string() + ":/usr/bin:/bin"},
            {"HOME", (directory_.path() / "home").string()},
            {"XDG_RUNTIME_DIR", (directory_.path() / "run").string()},
            {"DISPLAY", ":0"}};
  }
  /// What the opener told. Waits for it.
  [[nodiscard]] std::string told() const {
    std::ifstream file(pipe());
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// The names of files in "home" or "run".
  [[nodiscard]] std::vector<std::string> files_in(const std::string& place) const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() / place)) {
      names.push_back(entry.path().filename().string());
    }
    return names;
  }
  [[nodiscard]] bool has_files() const {
    return !files_in("home").empty() || !files_in("run").empty();
  }

private:
  [[nodiscard]] std::string pipe() const { return (directory_.path() / "pipe").string(); }
  test::TemporaryDirectory directory_;
};

} // namespace

TEST_CASE("the browser is led to the page, and no command line has the secret") {
  const Desktop desktop;

  const web::Launch launch(k_address, desktop.environment());

  const std::string told = desktop.told();
  const std::string command_line = told.substr(0, told.find('\n'));
  CHECK(command_line.find(".html") != std::string::npos);
  CHECK(command_line.find("SECRET") == std::string::npos);
  const std::string rest = told.substr(command_line.size() + 1);
  CHECK(rest.starts_with("600\n"));
  CHECK(rest.find("url=" + k_address + "\"") != std::string::npos);
}

TEST_CASE("the file that leads to the page goes with it") {
  const Desktop desktop;
  {
    const web::Launch launch(k_address, desktop.environment());
    static_cast<void>(desktop.told());
    CHECK(desktop.has_files());
  }
  CHECK_FALSE(desktop.has_files());
}

TEST_CASE("the file is gone as soon as the page was opened") {
  const Desktop desktop;
  web::Launch launch(k_address, desktop.environment());
  static_cast<void>(desktop.told());

  launch.remove_file();

  CHECK_FALSE(desktop.has_files());
}

TEST_CASE("a browser that may read no more than the home finds the file there") {
  const Desktop desktop;

  const web::Launch launch(k_address, desktop.environment());
  static_cast<void>(desktop.told());

  REQUIRE(desktop.files_in("home").size() == 1);
  CHECK_FALSE(desktop.files_in("home").front().starts_with("."));
  CHECK(desktop.files_in("run").empty());
}

TEST_CASE("without a home that can be written to, the file is where the session keeps its own") {
  const Desktop desktop;
  config::Environment environment = desktop.environment();
  environment["HOME"] += "/nothing";

  const web::Launch launch(k_address, environment);
  static_cast<void>(desktop.told());

  CHECK(desktop.files_in("run").size() == 1);
}

TEST_CASE("without a desktop nothing is opened, and nothing is written") {
  const Desktop desktop;
  config::Environment environment = desktop.environment();
  environment.erase("DISPLAY");

  const web::Launch launch(k_address, environment);

  CHECK_FALSE(desktop.has_files());
}
