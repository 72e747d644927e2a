#include "fs/directories.hpp"

#include "base/error.hpp"
#include "fs/files.hpp"
#include "fs/status.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <sys/stat.h>

using namespace savepoint;

TEST_CASE("a directory is made with its mode whatever the umask") {
  const test::TemporaryDirectory place;
  const mode_t before = umask(0077);

  fs::make_directory_at(fs::open_directory(place.path()), "made", 0755);

  umask(before);
  CHECK(fs::status(place / "made")->mode == 0755);
}

TEST_CASE("only an empty directory is removed") {
  const test::TemporaryDirectory place;
  test::write_file(place / "full" / "file", "content");
  std::filesystem::create_directory(place / "empty");
  const fs::Descriptor top = fs::open_directory(place.path());

  CHECK_FALSE(fs::remove_directory_at(top, "full"));
  CHECK(fs::remove_directory_at(top, "empty"));

  CHECK(test::read_file(place / "full" / "file") == "content");
  CHECK_FALSE(fs::status(place / "empty"));
  CHECK_THROWS_AS(fs::remove_directory_at(top, "empty"), IoError);
}

TEST_CASE("removing a name that is not there does nothing") {
  const test::TemporaryDirectory place;
  test::write_file(place / "file", "content");
  const fs::Descriptor top = fs::open_directory(place.path());

  fs::remove_file_at(top, "file");
  fs::remove_file_at(top, "file");

  CHECK_FALSE(fs::status(place / "file"));
}
