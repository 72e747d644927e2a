#include "base/error.hpp"
#include "hooks/installation.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

using namespace savepoint;

namespace {

/// A repository in which somebody else has a pre-commit hook.
class Sample {
public:
  explicit Sample(const std::string& theirs = "#!/bin/sh\necho theirs\n") {
    test::shell(tree_.path(), "git init -q .");
    write(theirs);
  }

  [[nodiscard]] git::Repository repository() const {
    return *git::Repository::discover(tree_.path());
  }
  /// Has git look elsewhere: our hooks are in a directory of their own then.
  void set_hooks_path() {
    test::shell(tree_.path(), "git config core.hooksPath .githooks");
    hook_ = ".git/savepoint-hooks/pre-commit";
  }
  [[nodiscard]] std::filesystem::path hook() const { return tree_.path() / hook_; }
  void write(const std::string& text) const {
    std::ofstream(hook()) << text;
    std::filesystem::permissions(hook(), std::filesystem::perms{0755});
  }
  [[nodiscard]] std::string read() const {
    std::ifstream file(hook());
    return {std::istreambuf_iterator<char>(file), {}};
  }

private:
  test::TemporaryDirectory tree_;
  std::string hook_ = ".git/hooks/pre-commit";
};

hooks::Request request() {
  return {.executable = "/usr/bin/savepoint-hooks",
          .environment = {{"PATH", std::getenv("PATH")}, {"HOME", "/nonexistent"}}};
}

} // namespace

TEST_CASE("a hook that somebody writes anew while ours are being installed is not overwritten") {
  const Sample sample;
  const hooks::Plan plan = hooks::plan_install(sample.repository(), request());
  sample.write("#!/bin/sh\necho newer\n");

  CHECK_THROWS_AS(hooks::apply(plan), BusyError);

  CHECK(sample.read() == "#!/bin/sh\necho newer\n");
}

TEST_CASE("a hook that somebody writes anew while ours are being taken out is not overwritten") {
  const Sample sample;
  hooks::apply(hooks::plan_install(sample.repository(), request()));
  const hooks::Plan plan = hooks::plan_uninstall(sample.repository(), request());
  const std::string newer = sample.read() + "echo newer\n";
  sample.write(newer);

  CHECK_THROWS_AS(hooks::apply(plan), BusyError);

  CHECK(sample.read() == newer);
  hooks::apply(hooks::plan_uninstall(sample.repository(), request()));
  CHECK(sample.read() == "#!/bin/sh\necho theirs\necho newer\n");
}

TEST_CASE("a hook that somebody writes in place of ours while that is being removed stays") {
  const Sample sample;
  std::filesystem::remove(sample.hook()); // so that ours is the only one
  hooks::apply(hooks::plan_install(sample.repository(), request()));
  const hooks::Plan plan = hooks::plan_uninstall(sample.repository(), request());
  sample.write("#!/bin/sh\necho newer\n");

  CHECK_THROWS_AS(hooks::apply(plan), BusyError);

  CHECK(sample.read() == "#!/bin/sh\necho newer\n");
  hooks::apply(hooks::plan_uninstall(sample.repository(), request()));
  CHECK(sample.read() == "#!/bin/sh\necho newer\n");
}

TEST_CASE("a hook that is put back does not overwrite one that somebody writes meanwhile") {
  const Sample sample("#!/usr/bin/python3\nprint('theirs')\n"); // was moved aside
  hooks::apply(hooks::plan_install(sample.repository(), request()));
  const hooks::Plan plan = hooks::plan_uninstall(sample.repository(), request());
  sample.write("#!/bin/sh\necho newer\n");

  CHECK_THROWS_AS(hooks::apply(plan), BusyError);

  CHECK(sample.read() == "#!/bin/sh\necho newer\n");
}

TEST_CASE("a hook that somebody writes into our directory meanwhile is not overwritten") {
  Sample sample;
  sample.set_hooks_path();
  hooks::apply(hooks::plan_install(sample.repository(), request()));
  const std::string newer = "#!/bin/sh\necho newer\n";

  SECTION("while ours are being brought up to date") {
    hooks::Request another = request();
    another.executable = "/usr/local/bin/savepoint-hooks";
    const hooks::Plan plan = hooks::plan_install(sample.repository(), another);
    sample.write(newer);
    CHECK_THROWS_AS(hooks::apply(plan), BusyError);
  }
  SECTION("while ours are being taken out") {
    const hooks::Plan plan = hooks::plan_uninstall(sample.repository(), request());
    sample.write(newer);
    CHECK_THROWS_AS(hooks::apply(plan), BusyError);
  }

  CHECK(sample.read() == newer);
}
