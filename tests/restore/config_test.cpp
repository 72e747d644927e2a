#include "support/catch.hpp"
#include "support/restoring.hpp"

using namespace savepoint;
using test::put_back;
using test::ScratchProject;
using Strings = std::vector<std::string>;

namespace {

ScratchProject& with_config(ScratchProject& project) {
  project.write(".gitignore", ".env*\nnode_modules/\n");
  project.write(".env", "SECRET=then\n");
  project.write("package.json", R"({"name": "then"})");
  project.write("src/main.js", "then");
  return project;
}

} // namespace

TEST_CASE("config files that differ are named and left") {
  ScratchProject project(ScratchProject::Git::yes);
  const manifest::Manifest snapshot = with_config(project).take();
  project.write(".env", "SECRET=now\n");
  project.write(".env.local", "MORE=1\n");
  project.write("src/main.js", "now");

  const restore::Restored restored = put_back(project, snapshot);

  CHECK(restored.config_left == Strings{".env", ".env.local"});
  CHECK(project.read(".env") == "SECRET=now\n");
  CHECK(project.read(".env.local") == "MORE=1\n");
  CHECK(project.read("src/main.js") == "then");
}

TEST_CASE("config files come back when asked for") {
  ScratchProject project(ScratchProject::Git::yes);
  const manifest::Manifest snapshot = with_config(project).take();
  project.write(".env", "SECRET=now\n");
  restore::Request request;
  request.with_config = true;

  const restore::Restored restored = put_back(project, snapshot, request);

  CHECK(restored.config_left.empty());
  CHECK(project.read(".env") == "SECRET=then\n");
}

TEST_CASE("only config brings back the known configuration files, also those that are code") {
  ScratchProject project(ScratchProject::Git::yes);
  const manifest::Manifest snapshot = with_config(project).take();
  project.write("package.json", R"({"name": "now"})");
  project.write("src/main.js", "now");
  project.write(".env", "SECRET=now\n");
  restore::Request request;
  request.only = project::Selection::parse("config");

  const restore::Restored restored = put_back(project, snapshot, request);

  CHECK(test::listed(restored.changes) == Strings{"replace .env", "replace package.json"});
  CHECK(restored.config_left.empty());
  CHECK(project.read("src/main.js") == "now");
}

TEST_CASE("a config file of which only the keys are kept is never taken away") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write("savepoint.json", R"({"secrets": "keys-only"})");
  const manifest::Manifest snapshot = with_config(project).take();
  project.write(".env", "SECRET=now\n");
  restore::Request request;
  request.with_config = true;

  const restore::Restored restored = put_back(project, snapshot, request);

  CHECK(restored.config_left == Strings{".env"});
  CHECK(project.read(".env") == "SECRET=now\n");
}
