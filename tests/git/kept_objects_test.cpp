#include "git/kept_objects.hpp"

#include "fs/status.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <string>

using namespace savepoint;
using git::KeptObjects;
using test::shell;
using test::TemporaryDirectory;

namespace {

const std::string k_collect = "git reflog expire --expire=now --expire-unreachable=now --all && "
                              "git gc -q --prune=now && git prune --expire=now";

struct Repository {
  TemporaryDirectory tree;
  std::string lost; ///< A commit that no branch has.

  Repository() {
    run("git init -q -b main . && git config user.name T && git config user.email t@example.org"
        " && echo 1 > f && git add f && git commit -qm one && echo 2 > f && git commit -qam lost");
    lost = run("git rev-parse HEAD").substr(0, 40);
    run("git commit -q --amend -m kept");
  }
  std::string run(const std::string& command) const { return shell(tree.path(), command); }
  [[nodiscard]] bool has_lost() const {
    return run("git cat-file -t " + lost + " || true") == "commit\n";
  }
};

} // namespace

TEST_CASE("a commit that is kept survives everything git does to collect it") {
  const Repository repository;
  const KeptObjects kept(repository.tree / ".git", "owner");

  CHECK(kept.keep(repository.lost));
  CHECK_FALSE(kept.keep(repository.lost));
  CHECK(repository.run(k_collect).empty());
  CHECK(repository.has_lost());

  kept.release(repository.lost);
  CHECK(repository.run(k_collect).empty());
  CHECK_FALSE(repository.has_lost());
}

TEST_CASE("what is kept is seen by nobody and goes nowhere") {
  const Repository repository;
  const std::string log = repository.run("git log --all --oneline --decorate");
  const std::string references = repository.run("git for-each-ref");
  const KeptObjects kept(repository.tree / ".git", "owner");
  kept.keep(repository.lost);

  CHECK(repository.run("git log --all --oneline --decorate") == log);
  CHECK(repository.run("git for-each-ref") == references);
  CHECK(repository.run("git fsck --no-dangling").empty());
  const TemporaryDirectory remote;
  repository.run("git init -q --bare '" + remote.path().string() + "'");
  for (const char* how : {"--all", "--mirror"}) {
    repository.run("git push -q " + std::string(how) + " '" + remote.path().string() + "'");
    CHECK(repository.run("git -C '" + remote.path().string() +
                         "' for-each-ref --format='%(refname)'") == "refs/heads/main\n");
  }
  CHECK(repository.run("git log -1 --format=%s " + kept.reference(repository.lost)) == "lost\n");
}

TEST_CASE("owners do not let go what others keep") {
  const Repository repository;
  const KeptObjects first(repository.tree / ".git", "first");
  const KeptObjects second(repository.tree / ".git", "second");
  first.keep(repository.lost);
  second.keep(repository.lost);
  CHECK(first.list() == std::vector<std::string>{repository.lost});

  first.release(repository.lost);
  CHECK(first.list().empty());
  CHECK(repository.run(k_collect).empty());
  CHECK(repository.has_lost());
}

TEST_CASE("what is kept in a repository that is shared can be read by all who share it") {
  const Repository repository;
  const std::filesystem::path git = repository.tree / ".git";
  const KeptObjects kept(git, "owner");
  const auto modes = [&](std::uint32_t directory, std::uint32_t file) {
    for (const char* top : {"savepoint-kept", "logs/savepoint-kept"}) {
      CHECK(fs::status(git / top)->mode == directory);
      CHECK(fs::status(git / top / "owner")->mode == directory);
      CHECK(fs::status(git / top / "owner" / repository.lost)->mode == file);
    }
  };

  SECTION("from the first") {
    repository.run("chmod 2777 .git");
    kept.keep(repository.lost);
    modes(02777, 0666);
  }
  SECTION("once it is shared") {
    repository.run("chmod 700 .git");
    kept.keep(repository.lost);
    modes(0700, 0600);
    repository.run("chmod 2775 .git");
    kept.keep(repository.lost);
    modes(02775, 0664);
  }
}

TEST_CASE("many commits are kept at once, and those are counted that were not") {
  const Repository repository;
  const KeptObjects kept(repository.tree / ".git", "owner");
  const std::string tip = repository.run("git rev-parse HEAD").substr(0, 40);
  kept.keep(repository.lost);

  CHECK(kept.keep(std::vector<std::string>{repository.lost, tip}) == 1);
  CHECK(kept.list().size() == 2);
  CHECK(kept.keep(std::vector<std::string>{repository.lost, tip}) == 0);
  CHECK(repository.run("git fsck --no-dangling").empty());
}
