#include "git/internal/private_git.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"

#include <string_view>

namespace savepoint::git {
namespace {

void write(const std::filesystem::path& path, const std::string& text) {
  fs::AtomicFile file(path);
  file.write(as_bytes(text));
  file.commit();
}

} // namespace

void PrivateGit::make(const std::filesystem::path& common_directory) const {
  fs::make_directories(directory_);
  write(directory_ / "commondir", common_directory.string() + "\n");
  write(directory_ / "HEAD", "ref: refs/heads/savepoint-has-no-branch\n");
}

Answer PrivateGit::run(std::vector<std::string> arguments, Bytes input,
                       std::map<std::string, std::string> environment) const {
  Question question;
  question.directory = directory_;
  question.arguments = std::move(arguments);
  question.input = std::move(input);
  question.environment = std::move(environment);
  question.environment["GIT_DIR"] = directory_.string();
  question.environment["GIT_CONFIG_COUNT"] = "2";
  question.environment["GIT_CONFIG_KEY_0"] = "core.fsync";
  question.environment["GIT_CONFIG_VALUE_0"] = "all";
  question.environment["GIT_CONFIG_KEY_1"] = "core.fsyncMethod";
  question.environment["GIT_CONFIG_VALUE_1"] = "fsync";
  try {
    return require_git(question);
  } catch (const IoError& error) {
    const std::string_view what = error.what();
    if (what.find("No space left on device") != std::string_view::npos ||
        what.find("Disk quota exceeded") != std::string_view::npos) {
      throw BusyError(error.what(), "make room, then run the command again");
    }
    if (what.find("cannot lock ref") != std::string_view::npos) {
      const bool names_lock = what.find(".lock'") != std::string_view::npos;
      throw BusyError(error.what(),
                      names_lock ? "wait until the other git command has finished; if none runs, "
                                   "remove the file that the message names"
                                 : "stop what changes the repository, then try again");
    }
    throw;
  }
}

} // namespace savepoint::git
