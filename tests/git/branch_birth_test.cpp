#include "git/branch_birth.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <string>

using namespace savepoint;
using git::branch_birth;

namespace {

/// A repository with the branch main, made at noon of 2026-01-01.
class Sample {
public:
  Sample() {
    run("git init -q -b main . && git config user.name T && git config user.email t@e && "
        "GIT_COMMITTER_DATE=2026-01-01T12:00:00Z git commit -q --allow-empty -m one");
  }
  void run(const std::string& script) const { test::shell(tree_.path(), script); }
  [[nodiscard]] std::optional<Timestamp> birth(std::string_view branch) const {
    return branch_birth(*git::Repository::discover(tree_.path()), branch);
  }

private:
  test::TemporaryDirectory tree_;
};

const Timestamp k_noon = parse_iso8601("2026-01-01T12:00:00Z").value();

} // namespace

TEST_CASE("a branch was made when its reflog begins, whatever happened since") {
  const Sample sample;
  sample.run("GIT_COMMITTER_DATE=2026-01-02T12:00:00Z git commit -q --allow-empty -m two && "
             "git branch -q -m main feature/a");

  CHECK(sample.birth("feature/a") == k_noon);
}

TEST_CASE("of a branch that nothing has moved yet it is known better than to the second") {
  const Sample sample;
  sample.run("touch -d 2026-01-01T12:00:00.25Z .git/logs/refs/heads/main");

  CHECK(sample.birth("main") == k_noon + std::chrono::milliseconds(250));
}

TEST_CASE("a time of the file that does not fit counts for nothing") {
  const Sample sample;
  sample.run("touch -d 2026-01-03T12:00:00Z .git/logs/refs/heads/main");

  CHECK(sample.birth("main") == k_noon);
}

TEST_CASE("where git keeps no notes, or the first have expired, nothing is known") {
  const Sample sample;
  sample.run(
      "git commit -q --allow-empty -m two && git reflog delete main@{1} && git branch side && "
      "rm .git/logs/refs/heads/side && git branch odd && "
      "echo nonsense > .git/logs/refs/heads/odd");

  CHECK_FALSE(sample.birth("main"));
  CHECK_FALSE(sample.birth("side"));
  CHECK_FALSE(sample.birth("odd"));
  CHECK_FALSE(sample.birth("missing"));
}
