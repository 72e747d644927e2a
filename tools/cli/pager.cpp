#include "cli/pager.hpp"

#include "base/error.hpp"
#include "git/user_git.hpp"
#include "process/foreground.hpp"
#include "process/run.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <unistd.h>

namespace savepoint::cli {
namespace {

constexpr int k_cannot_run =
    126; // as shells have it: this, or one more if there is no such program
constexpr int k_no_such_program = 127;

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

/// Nothing where the variable is not set; one that is set to nothing means no pager.
std::optional<std::string> variable(const config::Environment& environment, const char* name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::nullopt : std::optional(found->second);
}

/// A repository may come from anybody, and so may what it sets. Settings that git cannot read name
/// no pager: for that nobody wants to go without the text.
std::optional<std::string> pager_of_git(const Session& session,
                                        const std::filesystem::path& work_tree) {
  std::optional<std::string> pager;
  try {
    const auto git = git::UserGit::find(work_tree, session.environment);
    for (const git::UserGit::Setting& setting :
         git ? git->values("core.pager") : std::vector<git::UserGit::Setting>()) {
      if (setting.scope == "system" || setting.scope == "global") {
        pager = setting.value;
      }
    }
  } catch (const IoError&) {
    return std::nullopt;
  }
  return pager;
}

/// A line for the shell; empty: none.
std::string find_pager(const Session& session, const std::filesystem::path& work_tree) {
  std::optional<std::string> pager = variable(session.environment, "SAVEPOINT_PAGER");
  if (!pager) {
    pager = pager_of_git(session, work_tree);
  }
  if (!pager) {
    pager = variable(session.environment, "PAGER");
  }
  if (pager) {
    return *pager == "cat" ? "" : *pager;
  }
  const std::string path = variable(session.environment, "PATH").value_or("");
  return process::find_program("less", path) ? "less" : "";
}

/// A file without a name that has `text`, to be read from its beginning; null if there can be none.
File file_with(std::string_view text) {
  File file(std::tmpfile());
  if (file && (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
               std::fflush(file.get()) != 0 || lseek(fileno(file.get()), 0, SEEK_SET) != 0)) {
    file.reset();
  }
  return file;
}

/// Whether the pager was there and has shown it. It reads from a file, so that it cannot stop
/// before everything was written to it, and keys from the terminal itself.
bool show(Session& session, const std::string& pager, std::string_view text) {
  const File file = file_with(text);
  const int input = dup(STDIN_FILENO);
  if (!file || input < 0 || dup2(fileno(file.get()), STDIN_FILENO) < 0) {
    return false;
  }
  setenv("LESS", "FRX", 0); // as git: colours, no screen of its own, none of all if it fits
  setenv("LV", "-c", 0);
  const int code = process::run_in_foreground("/bin/sh", {"sh", "-c", pager}, process::Output::ours,
                                              session.cancellation());
  dup2(input, STDIN_FILENO);
  close(input);
  return code != k_cannot_run && code != k_no_such_program;
}

} // namespace

void say_paged(Session& session, std::string_view text, const std::filesystem::path& work_tree) {
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n'));
  if (!session.terminal.can_arrange() || lines < session.terminal.height()) {
    session.terminal.say(text);
    return;
  }
  const std::string pager = find_pager(session, work_tree);
  session.progress().clear();
  session.terminal.flush();
  if (pager.empty() || !show(session, pager, text)) {
    session.terminal.say(text);
  }
}

} // namespace savepoint::cli
