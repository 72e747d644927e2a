#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/exact_state.hpp"
#include "support/restoring.hpp"
#include "json/value.hpp"

using namespace savepoint;
using test::ScratchProject;

TEST_CASE("an export is a plain tree that can be read without us, and has no secrets") {
  ScratchProject project(ScratchProject::Git::yes);
  project.write(".gitignore", ".env\n*.db\n");
  project.write(".env", "API_KEY=hunter2\nURL=x\n");
  project.write("src/main.c", "int main;");
  project.sh("mkdir data; sqlite3 data/app.db 'CREATE TABLE t(a); INSERT INTO t VALUES (7)'");
  const manifest::Manifest snapshot = project.take();

  restore::export_to(project.store(), snapshot, project.beside("out"), project.context());

  const std::filesystem::path out = project.beside("out");
  CHECK(test::shell(out, "ls -A | sort | tr '\\n' ' '") ==
        "codebase databases environment manifest.json ");
  CHECK(test::read_file(out / "codebase/src/main.c") == "int main;");
  CHECK(test::shell(out, "sqlite3 databases/data/app.db 'SELECT a FROM t'") == "7\n");
  CHECK(test::read_file(out / "environment/.env.keys") == "# .env\nAPI_KEY=\nURL=\n");
  const json::Value manifest = json::parse(test::read_file(out / "manifest.json"), "manifest");
  CHECK(manifest.at("id").as_string() == snapshot.id->text());
  CHECK(test::shell(out, "grep -r hunter2 . || true").empty());
  CHECK_THROWS_AS(restore::export_to(project.store(), snapshot, out, project.context()),
                  RefusedError);
}
