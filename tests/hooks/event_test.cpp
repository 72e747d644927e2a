#include "hooks/event.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace savepoint;
using hooks::Call;
using hooks::Hook;

namespace {

const std::string k_old(40, 'a');
const std::string k_new(40, 'b');
const std::string k_none(40, '0');

std::string reason(const Call& call, const config::Environment& environment = {}) {
  const auto passed = hooks::pass_at_once(call, environment);
  return passed ? passed->reason : "";
}

Call checkout(const std::string& from, const std::string& to, const std::string& flag) {
  return {.hook = Hook::post_checkout, .arguments = {from, to, flag}, .input = {}};
}

std::string line(const std::string& remote) {
  return "refs/heads/x " + k_new + " " + remote + " " + k_old + "\n";
}

} // namespace

TEST_CASE("a checkout asks for a snapshot only where HEAD moved") {
  CHECK(reason(checkout(k_old, k_new, "1")).empty());
  CHECK_FALSE(reason(checkout(k_old, k_new, "0")).empty());
  CHECK(hooks::stays_at_commit(checkout(k_old, k_old, "1")));
  CHECK_FALSE(hooks::stays_at_commit(checkout(k_old, k_new, "1")));
  CHECK_FALSE(reason({.hook = Hook::post_checkout, .arguments = {}, .input = {}}).empty());
  CHECK_FALSE(
      reason(checkout(k_old, k_new, "1"), {{"_PRE_COMMIT_SKIP_POST_CHECKOUT", "1"}}).empty());
}

TEST_CASE("the environment can say no") {
  const Call call{.hook = Hook::pre_commit, .arguments = {}, .input = {}};

  CHECK(reason(call).empty());
  CHECK(reason(call, {{"SAVEPOINT", "1"}}).empty());
  CHECK_FALSE(reason(call, {{"SAVEPOINT", "0"}}).empty());
  CHECK_FALSE(reason(call, {{"SAVEPOINT", "false"}}).empty());
  CHECK_FALSE(reason(call, {{"CI", "true"}}).empty());
  CHECK(reason(call, {{"CI", "false"}}).empty());
  CHECK(reason(call, {{"CI", "1"}, {"SAVEPOINT_CI", "1"}}).empty());
}

TEST_CASE("of what git rewrites, only an amended commit is done with") {
  CHECK(reason({.hook = Hook::post_rewrite, .arguments = {"amend"}, .input = {}}).empty());
  CHECK_FALSE(reason({.hook = Hook::post_rewrite, .arguments = {"rebase"}, .input = {}}).empty());
}

TEST_CASE("a push deploys if one of its refs matches a pattern") {
  const auto deploys = [](const std::string& input, const std::vector<std::string>& patterns) {
    return hooks::find_deploy(input, patterns).has_value();
  };

  CHECK(deploys(line("refs/heads/main"), {"main"}));
  CHECK(deploys(line("refs/heads/main"), {"refs/heads/main"}));
  CHECK(deploys(line("refs/heads/topic") + line("refs/tags/v1.2"), {"v*"}));
  CHECK(deploys("(delete) " + k_none + " refs/heads/main " + k_old + "\n", {"main"}));
  CHECK(deploys(":/fix the bug " + k_new + " refs/heads/main " + k_old + "\n", {"main"}));
  CHECK_FALSE(deploys(line("refs/heads/main"), {}));
  CHECK_FALSE(deploys(line("refs/heads/feature/main"), {"main"}));
  CHECK_FALSE(deploys(line("refs/heads/mainline"), {"main"}));
  CHECK_FALSE(deploys("", {"*"}));
  CHECK_FALSE(deploys("\n", {"*"}));
  CHECK_FALSE(deploys("no line of git's own\n", {"*"}));
}
