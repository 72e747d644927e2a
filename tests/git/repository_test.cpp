#include "git/repository.hpp"

#include "base/error.hpp"
#include "git/index.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

using savepoint::BusyError;
using savepoint::NotFoundError;
using savepoint::UsageError;
using savepoint::git::Repository;
using savepoint::test::read_file;
using savepoint::test::shell;
using savepoint::test::TemporaryDirectory;
using savepoint::test::write_file;

namespace {

/// A repository with an author, in a format that libgit2 reads (sha1) or only git does (sha256).
void init(const TemporaryDirectory& tree, const std::string& format) {
  shell(tree.path(), "git init -q -b main --object-format=" + format +
                         " . && git config user.name T && git config user.email t@example.org");
}

void commit(const TemporaryDirectory& tree, const std::string& name, int day) {
  const std::string date = "2026-01-" + std::to_string(day) + "T00:00:00Z";
  shell(tree.path(), "echo " + name + " >" + name + " && git add -A && GIT_COMMITTER_DATE=" + date +
                         " git commit -q -m " + name);
}

std::string line(const TemporaryDirectory& tree, const std::string& command) {
  std::string output = shell(tree.path(), command);
  if (output.ends_with('\n')) {
    output.pop_back();
  }
  return output;
}

std::vector<std::string> lines(const TemporaryDirectory& tree, const std::string& command) {
  const std::string output = shell(tree.path(), command);
  std::vector<std::string> result;
  for (std::size_t at = 0; at < output.size();) {
    const std::size_t end = output.find('\n', at);
    result.push_back(output.substr(at, end - at));
    at = end + 1;
  }
  return result;
}

Repository open(const std::filesystem::path& directory) {
  auto repository = Repository::discover(directory);
  REQUIRE(repository.has_value());
  return *std::move(repository);
}

/// Everything below .git with its content and times: what must not change.
std::string fingerprint(const TemporaryDirectory& tree) {
  return shell(tree.path(), "find .git -printf '%p %s %T@ %m\\n' | sort; "
                            "find .git -type f -print0 | sort -z | xargs -0 cat | sha256sum");
}

/// Sets a variable of the environment for a while.
class Variable {
public:
  Variable(const char* name, const std::string& value) : name_(name) {
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

private:
  const char* name_;
};

} // namespace

TEST_CASE("a repository is found from any directory of its work tree") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  write_file(tree / "a/b/file", "x");

  const Repository repository = open(tree / "a/b");

  CHECK(repository.work_tree() == tree.path());
  CHECK(repository.git_directory() == tree / ".git");
  CHECK(repository.common_directory() == tree / ".git");
  CHECK(repository.index_file() == tree / ".git/index");
  CHECK(repository.worktree_name().empty());
}

TEST_CASE("where there is no work tree, there is no repository to open") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory place;
  CHECK_FALSE(Repository::discover(place.path()).has_value());
  CHECK_FALSE(Repository::discover(place / "missing").has_value());

  shell(place.path(), "git init -q --bare --object-format=" + format + " bare.git");
  CHECK_FALSE(Repository::discover(place / "bare.git").has_value());

  shell(place.path(), "git init -q --object-format=" + format +
                          " repository && mkdir elsewhere && "
                          "git -C repository config core.worktree ../../elsewhere");
  CHECK_FALSE(Repository::discover(place / "repository").has_value());
}

TEST_CASE("HEAD is a branch, a commit, or a branch to come") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  CHECK(open(tree.path()).head().branch == "main");
  CHECK_FALSE(open(tree.path()).head().commit.has_value());

  commit(tree, "one", 1);
  shell(tree.path(), "git checkout -q -b topic/one");
  CHECK(open(tree.path()).head().branch == "topic/one");
  CHECK(open(tree.path()).head().commit == line(tree, "git rev-parse HEAD"));

  shell(tree.path(), "git checkout -q --detach && git pack-refs --all");
  CHECK_FALSE(open(tree.path()).head().branch.has_value());
  CHECK(open(tree.path()).head().commit == line(tree, "git rev-parse HEAD"));
}

TEST_CASE("a linked work tree has its own HEAD and index, and its name") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory place;
  const TemporaryDirectory tree;
  init(tree, format);
  commit(tree, "one", 1);
  const std::string linked = (place / "linked").string();
  shell(tree.path(), "git worktree add -q -b side '" + linked + "'");

  const Repository repository = open(linked);

  CHECK(repository.work_tree() == linked);
  CHECK(repository.git_directory() == tree / ".git/worktrees/linked");
  CHECK(repository.common_directory() == tree / ".git");
  CHECK(repository.index_file() == tree / ".git/worktrees/linked/index");
  CHECK(repository.worktree_name() == "linked");
  CHECK(repository.head().branch == "side");
}

TEST_CASE("a submodule is a repository of its own") {
  const TemporaryDirectory library;
  init(library, "sha1");
  commit(library, "one", 1);
  const TemporaryDirectory tree;
  init(tree, "sha1");
  shell(tree.path(), "git -c protocol.file.allow=always submodule --quiet add '" +
                         library.path().string() + "' lib && git commit -q -m lib");

  const Repository repository = open(tree / "lib");

  CHECK(repository.work_tree() == tree / "lib");
  CHECK(repository.git_directory() == tree / ".git/modules/lib");
  CHECK(repository.worktree_name().empty());
  CHECK(open(tree.path()).work_tree() == tree.path());

  commit(library, "two", 2);
  shell(tree / "lib", "git pull -q");
  shell(tree.path(), "git add lib");
  const auto changes =
      open(tree.path())
          .staged_changes(savepoint::git::Index::read(tree / ".git/index", tree.path()));
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].code == 'M');
  CHECK(changes[0].mode == 0160000);
  CHECK(changes[0].object == line(library, "git rev-parse HEAD"));
}

TEST_CASE("the distance to the upstream branch is counted both ways") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory remote;
  init(remote, format);
  commit(remote, "one", 1);
  const TemporaryDirectory tree;
  shell(tree.path(), "git clone -q '" + remote.path().string() +
                         "' . && "
                         "git config user.name T && git config user.email t@example.org");
  commit(remote, "two", 2);
  commit(remote, "three", 3);
  shell(tree.path(), "git fetch -q");
  commit(tree, "mine", 4);

  const auto upstream = open(tree.path()).upstream();
  REQUIRE(upstream.has_value());
  CHECK(upstream->name == "origin/main");
  CHECK(upstream->ahead == 1);
  CHECK(upstream->behind == 2);

  shell(tree.path(), "git checkout -q -b lonely");
  CHECK_FALSE(open(tree.path()).upstream().has_value());
  shell(tree.path(), "git branch -q -u main");
  CHECK(open(tree.path()).upstream()->name == "main");
  shell(tree.path(), "git branch -q -D main");
  CHECK_FALSE(open(tree.path()).upstream().has_value());
  shell(tree.path(), "git checkout -q --detach");
  CHECK_FALSE(open(tree.path()).upstream().has_value());
}

TEST_CASE("an operation in progress is named") {
  const TemporaryDirectory tree;
  init(tree, "sha1");
  commit(tree, "f", 1);
  shell(tree.path(), "git checkout -q -b side && echo side >f && git commit -q -am side && "
                     "echo more >>f && git commit -q -am more && "
                     "git checkout -q main && echo main >f && git commit -q -am main");
  const auto operation = [&tree] { return open(tree.path()).operation(); };
  CHECK(operation() == "");

  shell(tree.path(), "! git merge side >/dev/null");
  CHECK(operation() == "merge");
  shell(tree.path(), "git merge --abort && ! git rebase side >/dev/null 2>&1");
  CHECK(operation() == "rebase");
  shell(tree.path(), "git rebase --abort && ! git rebase --apply side >/dev/null 2>&1");
  CHECK(operation() == "rebase");
  shell(tree.path(), "git rebase --abort && ! git cherry-pick side~1 side >/dev/null 2>&1");
  CHECK(operation() == "cherry-pick");
  shell(tree.path(), "git checkout -q HEAD -- f && git commit -q --allow-empty -m picked");
  CHECK(operation() == "cherry-pick");
  shell(tree.path(), "git cherry-pick --quit && git reset -q --hard main && "
                     "! git revert --no-edit side >/dev/null 2>&1");
  CHECK(operation() == "revert");
  shell(tree.path(), "git revert --abort && git bisect start -q");
  CHECK(operation() == "bisect");
  shell(tree.path(),
        "git bisect reset >/dev/null 2>&1 && git format-patch -q -1 side --stdout >.git/mail && "
        "! git am -q .git/mail >/dev/null 2>&1");
  CHECK(operation() == "am");
}

TEST_CASE("stashes are counted, and looking for them leaves no trace") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  commit(tree, "f", 1);
  CHECK(open(tree.path()).stash_count() == 0);
  CHECK_FALSE(std::filesystem::exists(tree / ".git/logs/refs/stash"));

  shell(tree.path(), "echo 1 >f && git stash -q && echo 2 >f && git stash -q");
  CHECK(open(tree.path()).stash_count() == 2);
  shell(tree.path(), "git stash drop -q");
  CHECK(open(tree.path()).stash_count() == 1);
  shell(tree.path(), "git stash drop -q");
  CHECK(open(tree.path()).stash_count() == 0);
}

TEST_CASE("whatever git takes for a commit is resolved to one") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  commit(tree, "one", 1);
  commit(tree, "two", 2);
  shell(tree.path(), "git tag light HEAD~1 && git tag -a -m note annotated HEAD~1 && git branch b");
  const Repository repository = open(tree.path());
  const std::string first = line(tree, "git rev-parse HEAD~1");
  const std::string second = line(tree, "git rev-parse HEAD");

  for (const char* revision : {"light", "annotated", "HEAD~1", "main^", "b~1", ":/one",
                               "refs/tags/annotated", "main@{1}"}) {
    CAPTURE(revision);
    CHECK(repository.resolve_commit(revision) == first);
  }
  CHECK(repository.resolve_commit(second.substr(0, 8)) == second);
  CHECK(repository.resolve_commit(second) == second);
  for (const char* revision :
       {"", "nothing", "-h", "--all", "HEAD~9", "HEAD:one", "a..b", "HEAD^{tree}",
        "0123456789012345678901234567890123456789", "a\nb", ":/nobody"}) {
    CAPTURE(revision);
    CHECK_FALSE(repository.resolve_commit(revision).has_value());
  }
}

TEST_CASE("ranges and histories are those of git") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  commit(tree, "one", 1);
  commit(tree, "two", 2);
  shell(tree.path(), "git checkout -q -b side HEAD~1");
  commit(tree, "side1", 3);
  commit(tree, "side2", 4);
  shell(tree.path(), "git checkout -q main");
  commit(tree, "three", 5);
  shell(tree.path(), "GIT_COMMITTER_DATE=2026-01-06T00:00:00Z git merge -q -m merge side");
  const Repository repository = open(tree.path());

  CHECK(repository.commits_in_range("main~2..main") == lines(tree, "git rev-list main~2..main"));
  CHECK(repository.commits_in_range("side..") == lines(tree, "git rev-list side..HEAD"));
  CHECK(repository.commits_in_range("main..side").empty());
  CHECK_THROWS_AS(repository.commits_in_range("nothing..main"), NotFoundError);
  CHECK_THROWS_AS(repository.commits_in_range("main"), UsageError);
  CHECK_THROWS_AS(repository.commits_in_range("main...side"), UsageError);

  CHECK(repository.history("main", 100) ==
        lines(tree, "git rev-parse main main~1 side side~1 main~2 main~3"));
  CHECK(repository.history("main", 3) == lines(tree, "git rev-parse main main~1 side"));
  CHECK_THROWS_AS(repository.history("nothing", 3), NotFoundError);
}

TEST_CASE(
    "commits come from the nearest of their ancestors that were asked about, on every way back") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  commit(tree, "one", 1);
  commit(tree, "two", 2);
  shell(tree.path(), "git switch -q -c side");
  commit(tree, "three", 3);
  commit(tree, "four", 4);
  shell(tree.path(), "git switch -q main");
  commit(tree, "five", 5);
  shell(tree.path(), "GIT_COMMITTER_DATE=2026-01-06T00:00:00Z git merge -q -m merge side");
  commit(tree, "of-a-wrong-clock", 2);
  const Repository repository = open(tree.path());
  const std::string top = line(tree, "git rev-parse main");
  const std::string merge = line(tree, "git rev-parse main~1");
  const std::string side = line(tree, "git rev-parse side");
  const std::string first = line(tree, "git rev-parse main~4");
  const std::string five = line(tree, "git rev-parse main~2");
  const std::string nowhere(top.size(), '5');

  using Ways = std::vector<std::string>;
  const auto sorted = [](Ways ways) {
    std::sort(ways.begin(), ways.end());
    return ways;
  };
  auto lineage = repository.lineage({top, merge, side, first, five, nowhere, "nonsense"}, 1000);
  CHECK(lineage.size() == 4);
  CHECK(lineage[top] == Ways{merge});
  CHECK(sorted(lineage[merge]) == sorted({side, five}));
  CHECK(lineage[side] == Ways{first});
  CHECK(lineage[five] == Ways{first});

  shell(tree.path(), "git switch -q --orphan apart && git commit -q --allow-empty -m a");
  for (int i = 0; i < 20; ++i) { // of one second, so their times say nothing
    shell(tree.path(), "GIT_COMMITTER_DATE=2026-01-06T00:00:00Z git commit -q --allow-empty -m a");
  }
  const std::vector<std::string> apart = lines(tree, "git rev-list apart");
  auto in_a_row = repository.lineage(apart, 1000);
  for (std::size_t i = 0; i + 1 < apart.size(); ++i) {
    CHECK(in_a_row[apart[i]] == Ways{apart[i + 1]});
  }

  CHECK(repository.lineage({top, first}, 1000) == savepoint::git::Lineage{{top, {first}}});
  CHECK(repository.lineage({top, first}, 2).empty());
  CHECK(repository.lineage({nowhere}, 1000).empty());
}

TEST_CASE("a shallow clone ends where its history was cut") {
  const TemporaryDirectory remote;
  init(remote, "sha1");
  for (int day = 1; day <= 5; ++day) {
    commit(remote, "f" + std::to_string(day), day);
  }
  const TemporaryDirectory tree;
  shell(tree.path(), "git clone -q --depth 2 'file://" + remote.path().string() + "' .");
  const Repository repository = open(tree.path());

  CHECK(repository.history("HEAD", 100) == lines(tree, "git rev-list HEAD"));
  CHECK(repository.commits_in_range("HEAD~1..HEAD") == lines(tree, "git rev-parse HEAD"));
  CHECK(repository.upstream()->ahead == 0);
  CHECK_FALSE(repository.resolve_commit("HEAD~2").has_value());
}

TEST_CASE("settings are read from all files and written durably to the repository's own") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  Repository repository = open(tree.path());
  CHECK_FALSE(repository.config("savepoint.id").has_value());

  repository.set_config("savepoint.id", "an id; \"with\" # all\\ sorts");
  CHECK(repository.config("savepoint.id") == "an id; \"with\" # all\\ sorts");
  CHECK(line(tree, "git config --local savepoint.id") == "an id; \"with\" # all\\ sorts");
  repository.set_config("savepoint.id", "another");
  CHECK(open(tree.path()).config("savepoint.id") == "another");

  write_file(tree / ".git/included", "[savepoint]\n\tid = included\n");
  shell(tree.path(), "git config include.path included");
  CHECK(open(tree.path()).config("savepoint.id") == "included");
}

TEST_CASE("a locked configuration is not written to") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  write_file(tree / ".git/config.lock", "");
  const std::string before = read_file(tree / ".git/config");
  Repository repository = open(tree.path());

  CHECK_THROWS_AS(repository.set_config("savepoint.id", "x"), BusyError);
  CHECK(read_file(tree / ".git/config") == before);
}

TEST_CASE("a work tree's own configuration counts, and does not get what is set for all") {
  const TemporaryDirectory tree;
  init(tree, "sha1");
  shell(tree.path(), "git config extensions.worktreeConfig true && "
                     "git config --worktree savepoint.colour green");
  Repository repository = open(tree.path());

  CHECK(repository.config("savepoint.colour") == "green");
  repository.set_config("savepoint.id", "x");
  CHECK(read_file(tree / ".git/config.worktree").find("id") == std::string::npos);
  CHECK(line(tree, "git config --local savepoint.id") == "x");
}

TEST_CASE("files with patterns for the whole tree are found, weakest first") {
  const TemporaryDirectory tree;
  const TemporaryDirectory home;
  init(tree, "sha1");
  const auto files = [&] { return open(tree.path()).exclude_files(home.path()); };
  using Paths = std::vector<std::filesystem::path>;
  const std::filesystem::path own = tree / ".git/info/exclude";

  CHECK(files() == Paths{home / ".config/git/ignore", own});
  CHECK(open(tree.path()).exclude_files(std::nullopt) == Paths{own});
  shell(tree.path(), "git config core.excludesFile '~/my ignores'");
  CHECK(files() == Paths{home / "my ignores", own});
  CHECK(open(tree.path()).exclude_files(std::nullopt) == Paths{own});
  shell(tree.path(), "git config core.excludesFile /etc/ignores");
  CHECK(files() == Paths{"/etc/ignores", own});
  shell(tree.path(), "git config core.excludesFile ''");
  CHECK(files() == Paths{own});
}

TEST_CASE("a file gets the id that git would give it") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  write_file(tree / ".gitattributes",
             "*.txt text\n*.id ident\n*.u16 text "
             "working-tree-encoding=UTF-16LE\n*.bin -text\n*.auto text=auto\n");
  write_file(tree / "plain", "a\r\nb\n");
  write_file(tree / "lines.txt", "a\r\nb\r\n");
  write_file(tree / "lines.auto", "a\r\nb\r\n");
  write_file(tree / "lines.bin", "a\r\nb\r\n");
  write_file(tree / "keyword.id", "$Id: 12345 $\n");
  write_file(tree / "wide.u16", std::string("a\0\n\0", 4));
  write_file(tree / "empty", "");
  write_file(tree / "dir/ - odd \xff\nname", "x");
  std::filesystem::create_symlink("lines.txt", tree / "link");
  std::filesystem::create_symlink("/nowhere", tree / "dangling");
  const Repository repository = open(tree.path());
  const std::vector<std::string> names{
      "plain",      "lines.txt", "lines.auto", "lines.bin",
      "keyword.id", "wide.u16",  "empty",      "dir/ - odd \xff\nname",
      "link",       "dangling"};
  std::vector<std::string> ours;
  for (const std::string& name : names) {
    ours.push_back(repository.hash_file(name).value_or("none"));
  }

  for (std::size_t i = 0; i < names.size(); ++i) {
    CAPTURE(names[i]);
    shell(tree.path(), "git add -A 2>/dev/null");
    CHECK(ours[i] == line(tree, "git ls-files --stage -- '" + names[i] + "' | cut -d' ' -f2"));
  }
  CHECK_FALSE(repository.hash_file("missing").has_value());
  CHECK_FALSE(repository.hash_file("dir").has_value());
  REQUIRE(mkfifo((tree / "pipe").c_str(), 0600) == 0);
  CHECK_FALSE(repository.hash_file("pipe").has_value());
}

TEST_CASE("filters, hooks and fsmonitor of a repository are never run") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  commit(tree, "one", 1);
  const std::string trap = "touch '" + (tree / "sprung").string() + "'; cat";
  write_file(tree / "trap.sh", "#!/bin/sh\n" + trap + "\n");
  shell(tree.path(), "chmod +x trap.sh && mkdir hooks && cp trap.sh hooks/post-index-change && "
                     "cp trap.sh hooks/reference-transaction && "
                     "echo '* filter=evil diff=evil' >.gitattributes");
  const std::string script = (tree / "trap.sh").string();
  for (const char* key : {"core.fsmonitor", "filter.evil.clean", "filter.evil.process",
                          "diff.evil.textconv", "diff.external", "core.sshCommand", "core.pager",
                          "core.editor", "core.alternateRefsCommand"}) {
    shell(tree.path(), std::string("git config ") + key + " '" + script + "'");
  }
  shell(tree.path(), "git config filter.evil.required true && git config core.hooksPath hooks");

  Repository repository = open(tree.path());
  CHECK(repository.hash_file("one") == line(tree, "git hash-object --no-filters one"));
  const auto index = savepoint::git::Index::read(repository.index_file(), tree.path());
  CHECK(repository.staged_changes(index).empty());
  CHECK(repository.head().commit.has_value());
  CHECK(repository.history("HEAD", 5).size() == 1);
  CHECK(repository.commits_in_range("HEAD..HEAD").empty());
  CHECK_FALSE(repository.upstream().has_value());
  repository.set_config("savepoint.id", "x");

  CHECK_FALSE(std::filesystem::exists(tree / "sprung"));
}

TEST_CASE("asking changes nothing in the repository") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory tree;
  init(tree, format);
  commit(tree, "one", 1);
  shell(tree.path(), "touch -d '2020-01-01' one && echo 2 >two && git add two && "
                     "git config core.untrackedCache true && git config core.splitIndex true");
  const std::string before = fingerprint(tree);

  const Repository repository = open(tree.path());
  const auto index = savepoint::git::Index::read(repository.index_file(), tree.path());
  CHECK(repository.staged_changes(index).size() == 1);
  CHECK(repository.hash_file("one").has_value());
  CHECK(repository.stash_count() == 0);
  CHECK(repository.head().branch == "main");
  CHECK(repository.operation() == "");
  CHECK(repository.config("core.bare") == "false");
  CHECK(repository.history("main", 9).size() == 1);
  CHECK(repository.resolve_commit("main~0").has_value());

  CHECK(fingerprint(tree) == before);
}

TEST_CASE("variables of git in our environment lead nowhere") {
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory other;
  init(other, "sha1");
  commit(other, "other", 1);
  const TemporaryDirectory tree;
  init(tree, format);
  commit(tree, "one", 1);
  const std::string head = line(tree, "git rev-parse HEAD");
  const std::string hash = line(tree, "git hash-object one");
  const std::string before = fingerprint(other);

  {
    const std::string git = (other / ".git").string();
    const Variable directory("GIT_DIR", git);
    const Variable work_tree("GIT_WORK_TREE", other.path().string());
    const Variable index_file("GIT_INDEX_FILE", git + "/index");
    const Variable objects("GIT_OBJECT_DIRECTORY", git + "/objects");
    const Variable common("GIT_COMMON_DIR", git);
    const Variable name("GIT_NAMESPACE", "x");
    const Variable count("GIT_CONFIG_COUNT", "1");
    const Variable key("GIT_CONFIG_KEY_0", "savepoint.id");
    const Variable value("GIT_CONFIG_VALUE_0", "poison");
    const Variable parameters("GIT_CONFIG_PARAMETERS", "'savepoint.id=poison'");

    Repository repository = open(tree.path());
    CHECK(repository.work_tree() == tree.path());
    CHECK(repository.head().commit == head);
    CHECK(repository.hash_file("one") == hash);
    CHECK_FALSE(repository.config("savepoint.id").has_value());
    const auto index = savepoint::git::Index::read(repository.index_file(), tree.path());
    CHECK(repository.staged_changes(index).empty());
    repository.set_config("savepoint.id", "mine");
  }

  CHECK(line(tree, "git config savepoint.id") == "mine");
  CHECK(fingerprint(other) == before);
}

TEST_CASE("a repository of a format that nobody knows is an error, not an absence") {
  const TemporaryDirectory tree;
  init(tree, "sha1");
  shell(tree.path(),
        "git config core.repositoryFormatVersion 1 && git config extensions.fromTheFuture 1");

  CHECK_THROWS_AS(Repository::discover(tree.path()), savepoint::IoError);
}

TEST_CASE("a repository of somebody else is refused as git refuses it, and opened when trusted") {
  if (geteuid() != 0) {
    WARN("skipped: only root can give a repository away");
    return;
  }
  const std::string format = GENERATE("sha1", "sha256");
  CAPTURE(format);
  const TemporaryDirectory home;
  const TemporaryDirectory tree;
  init(tree, format);
  shell(tree.path(), "chown -R 12345:12345 .");

  CHECK_THROWS_AS(Repository::discover(tree.path()), savepoint::RefusedError);

  write_file(home / ".gitconfig", "[safe]\n\tdirectory = " + tree.path().string() + "\n");
  git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_GLOBAL, home.path().c_str());
  const auto trusted = Repository::discover(tree.path());
  git_libgit2_opts(GIT_OPT_SET_SEARCH_PATH, GIT_CONFIG_LEVEL_GLOBAL, nullptr);
  CHECK(trusted.has_value());
}
