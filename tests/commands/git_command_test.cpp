#include "commands/git_command.hpp"

#include "support/catch.hpp"

#include <sstream>

using savepoint::commands::destructive_git_command;

namespace {

/// The label of a command line without quotes, in a directory with the files `notes` and `src/a.c`.
std::string label(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> all;
  for (std::string word; words >> word;) {
    all.push_back(word);
  }
  return destructive_git_command(all,
                                 [](const std::string& path) {
                                   return path == "notes" || path == "src/a.c" || path == ".";
                                 })
      .value_or("-");
}

} // namespace

TEST_CASE("git commands that take work away are told from those that do not") {
  CHECK(label("git reset --hard") == "reset --hard");
  CHECK(label("git reset --hard HEAD~3") == "reset --hard");
  CHECK(label("git reset --har") == "reset --hard");
  CHECK(label("git reset") == "-");
  CHECK(label("git reset --soft HEAD~1") == "-");
  CHECK(label("git checkout -- notes") == "checkout --");
  CHECK(label("git checkout HEAD~1 -- notes") == "checkout --");
  CHECK(label("git checkout .") == "checkout --");
  CHECK(label("git checkout notes") == "checkout --");
  CHECK(label("git checkout main src/a.c") == "checkout --");
  CHECK(label("git checkout main") == "-");
  CHECK(label("git checkout -b topic main") == "-");
  CHECK(label("git checkout -f main") == "checkout -f");
  CHECK(label("git checkout -qf main") == "checkout -f");
  CHECK(label("git switch main") == "-");
  CHECK(label("git switch --discard-changes main") == "switch --discard-changes");
  CHECK(label("git restore notes") == "restore");
  CHECK(label("git restore --staged notes") == "restore");
  CHECK(label("git clean -fdx") == "clean");
  CHECK(label("git clean -nfd") == "-");
  CHECK(label("git clean --dry-run") == "-");
  CHECK(label("git stash") == "stash");
  CHECK(label("git stash -u") == "stash");
  CHECK(label("git stash push -m words") == "stash push");
  CHECK(label("git stash pop") == "stash pop");
  CHECK(label("git stash drop stash@{1}") == "stash drop");
  CHECK(label("git stash list") == "-");
  CHECK(label("git merge topic") == "merge");
  CHECK(label("git pull --rebase") == "pull");
  CHECK(label("git rebase main") == "rebase");
  CHECK(label("git rebase --edit-todo") == "-");
  CHECK(label("git cherry-pick topic") == "-");
  CHECK(label("git cherry-pick --abort") == "cherry-pick --abort");
  CHECK(label("git rm -f notes") == "rm -f");
  CHECK(label("git rm -rf src") == "rm -f");
  CHECK(label("git rm notes") == "-");
  CHECK(label("git branch -D topic") == "branch -D");
  CHECK(label("git branch topic") == "-");
  CHECK(label("git worktree remove --force ../other") == "worktree remove");
}

TEST_CASE("commands that only look, or only add, are harmless") {
  for (const char* harmless :
       {"git", "git status", "git diff", "git add -A", "git commit -am message", "git log --hard",
        "git fetch --force", "git push --force", "git config alias.x reset", "git --version",
        "git -C"}) {
    INFO(harmless);
    CHECK(label(harmless) == "-");
  }
}

TEST_CASE("what looks like a harmless command and is none is told from it") {
  CHECK(label("git checkout *.c") == "checkout --");
  CHECK(label("git checkout :/") == "checkout --");
  CHECK(label("git checkout :(top)notes") == "checkout --");
  CHECK(label("git clean -fdx -enode_modules") == "clean");
  CHECK(label("git clean -fde node_modules") == "clean");
  CHECK(label("git clean -nfde node_modules") == "-");
  CHECK(label("git clean -fd --dry") == "-");
  CHECK(label("git stash -m list") == "stash");
  CHECK(label("git stash -q") == "stash");
  CHECK(label("git stash list -p") == "-");
}

TEST_CASE("what git is told before its command is passed over") {
  CHECK(label("git -C /elsewhere reset --hard") == "reset --hard");
  CHECK(label("git -c core.editor=true --no-pager clean -f") == "clean");
  CHECK(label("git --git-dir .git --work-tree . checkout .") == "checkout --");
  CHECK(label("/usr/bin/git reset --hard") == "reset --hard");
  CHECK(label("/usr/lib/git-core/git-reset --hard") == "reset --hard");
}
