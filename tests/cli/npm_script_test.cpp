#include "cli/npm_script.hpp"

#include "base/cancellation.hpp"
#include "base/error.hpp"

#include "support/catch.hpp"

#include <string>
#include <vector>

using namespace savepoint;

namespace {

using Words = std::vector<std::string>;

struct Run {
  Cancellation cancellation;
  cli::Session session;

  Run(Words words, config::Environment environment)
      : session(std::move(words), std::move(environment), cancellation) {}
};

const config::Environment k_script{{"npm_lifecycle_event", "restore"}};

config::Environment script_with(const std::string& name, const std::string& value) {
  config::Environment environment = k_script;
  environment["npm_config_" + name] = value;
  return environment;
}

Words without_dashes(Words words, cli::Dashes dashes, const config::Environment& environment) {
  Run run(std::move(words), environment);
  cli::forget_dashes_of_pnpm(run.session, dashes);
  return run.session.arguments;
}

} // namespace

TEST_CASE("a script's first two dashes are pnpm's, paths stay behind theirs") {
  using cli::Dashes;
  CHECK(without_dashes({"--", "latest", "--", "a"}, Dashes::in_front, k_script) ==
        Words{"latest", "--", "a"});
  CHECK(without_dashes({"latest", "--", "a"}, Dashes::in_front, k_script) ==
        Words{"latest", "--", "a"});
  CHECK(without_dashes({"--only", "code", "--", "--pin"}, Dashes::anywhere, k_script) ==
        Words{"--only", "code", "--pin"});
  CHECK(without_dashes({"--", "latest"}, Dashes::in_front, {}) == Words{"--", "latest"});
}

TEST_CASE("an option that npm took stops what takes something away") {
  for (const std::string name : {"yes", "force", "with_config", "keep_extra", "keep_last"}) {
    Run run({"latest"}, script_with(name, "true"));
    CHECK_THROWS_AS(cli::refuse_options_taken_by_npm(run.session), UsageError);
  }
  Run outside({"latest"}, {{"npm_config_yes", "true"}});
  CHECK_NOTHROW(cli::refuse_options_taken_by_npm(outside.session));
}

TEST_CASE("an option that got here, or that says no, stops nothing") {
  for (const Words& words : {Words{"latest", "--yes"}, Words{"latest", "-y"}}) {
    for (const std::string name : {"yes", "force"}) {
      Run run(words, script_with(name, "true"));
      CHECK_NOTHROW(cli::refuse_options_taken_by_npm(run.session));
    }
  }
  Run given({"--at=main"}, script_with("at", "true"));
  CHECK_NOTHROW(cli::refuse_options_taken_by_npm(given.session));
  for (const std::string value : {"", "false"}) {
    Run run({"latest"}, script_with("yes", value));
    CHECK_NOTHROW(cli::refuse_options_taken_by_npm(run.session));
  }
}

TEST_CASE("npm's --dry-run is ours") {
  CHECK(cli::is_dry_run_of_npm(Run({}, script_with("dry_run", "true")).session));
  CHECK_FALSE(cli::is_dry_run_of_npm(Run({}, script_with("dry_run", "")).session));
}
