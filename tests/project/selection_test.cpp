#include "project/selection.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"

using savepoint::UsageError;
using savepoint::project::Selection;

TEST_CASE("without --only everything is meant") {
  CHECK(Selection().everything());
  CHECK(Selection().includes_database("any"));
}

TEST_CASE("a selection names components, in any order") {
  const Selection selection = Selection::parse("database,code");

  CHECK(selection.code);
  CHECK_FALSE(selection.config);
  CHECK(selection.databases);
  CHECK(selection.includes_database("any"));
  CHECK_FALSE(selection.everything());
  CHECK(Selection::parse("code,config,database").everything());
}

TEST_CASE("no database is meant where only files are") {
  CHECK_FALSE(Selection::parse("code,config").includes_database("any"));
}

TEST_CASE("a database is named by its name or by the last part of it") {
  const Selection selection = Selection::parse("database:data/one.db,database:two.db");

  CHECK_FALSE(selection.code);
  CHECK(selection.includes_database("data/one.db"));
  CHECK(selection.includes_database("two.db"));
  CHECK(selection.includes_database("data/two.db"));
  CHECK_FALSE(selection.includes_database("one.db"));
  CHECK_FALSE(selection.includes_database("data/one.db.old"));
  CHECK(Selection::parse("database:one.db,database").includes_database("two.db"));
}

TEST_CASE("what is no component is refused, with the word that was meant") {
  for (const char* text :
       {"", "cod", "code,", ",code", "code,,config", "database:", "all", "Code", "code config"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(Selection::parse(text), UsageError);
  }
  try {
    static_cast<void>(Selection::parse("databse:app.db"));
    FAIL("accepted");
  } catch (const UsageError& error) {
    CHECK(error.hint() == "did you mean 'database'?");
  }
}
