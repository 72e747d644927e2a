#include "trust/trust.hpp"

#include "base/error.hpp"
#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

#include <unistd.h>

#include <filesystem>

using namespace savepoint;
using config::Config;
using config::Environment;

namespace {

constexpr std::string_view k_settings =
    R"({"databases": [{"name": "cache", "dump": "mongodump", "restore": "mongorestore"}]})";

/// A project and a user.
struct Place {
  test::TemporaryDirectory top;
  std::filesystem::path root = top / "project";
  Environment environment{{"HOME", top / "home"}};

  Place() {
    std::filesystem::create_directories(top / "home");
    write(k_settings);
  }
  void write(std::string_view settings, std::string_view name = "savepoint.json") const {
    test::write_file(root / name, settings);
    std::filesystem::permissions(root / name, std::filesystem::perms(0644));
  }
  [[nodiscard]] Config load() const { return config::load(root, environment); }
  [[nodiscard]] bool is_trusted() const { return trust::is_trusted(load(), environment); }
  void trust() const { trust::trust(load(), environment); }
};

/// Every file below a directory.
std::vector<std::filesystem::path> files_below(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  return files;
}

} // namespace

TEST_CASE("nothing is trusted until the user says so, and no more once that is taken back") {
  const Place place;

  CHECK_FALSE(place.is_trusted());
  place.trust();
  CHECK(place.is_trusted());
  CHECK(trust::revoke(place.load(), place.environment));
  CHECK_FALSE(place.is_trusted());
  CHECK_FALSE(trust::revoke(place.load(), place.environment));
}

TEST_CASE("a text that was changed in any way is not the one that was trusted") {
  const Place place;
  place.trust();
  const std::string changed(k_settings);

  place.write(changed + " ");
  CHECK_FALSE(place.is_trusted());
  place.write(changed);
  CHECK(place.is_trusted());
}

TEST_CASE("who switches between two texts that were both trusted is not asked again") {
  const Place place;
  place.trust();
  place.write(R"({"databases": [{"name": "cache", "dump": "other"}]})");
  CHECK_FALSE(place.is_trusted());
  place.trust();
  CHECK(place.is_trusted());

  place.write(k_settings);
  CHECK(place.is_trusted());

  trust::revoke(place.load(), place.environment);
  CHECK_FALSE(place.is_trusted());
  place.write(R"({"databases": [{"name": "cache", "dump": "other"}]})");
  CHECK_FALSE(place.is_trusted());
}

TEST_CASE("what counts is the text that was read, even if the file is another by now") {
  const Place place;
  place.trust();
  const Config read_before = place.load();
  place.write(R"({"databases": [{"name": "cache", "dump": "evil"}]})");
  const Config evil = place.load();
  place.write(k_settings);

  CHECK(trust::is_trusted(read_before, place.environment));
  CHECK_FALSE(trust::is_trusted(evil, place.environment));
}

TEST_CASE("a copy of a trusted file in another place is not trusted") {
  const Place place;
  place.trust();
  const std::filesystem::path other = place.top / "other";
  test::write_file(other / "savepoint.json", k_settings);

  CHECK_FALSE(trust::is_trusted(config::load(other, place.environment), place.environment));
}

TEST_CASE("a link to a trusted file is not trusted, a project reached by a link is") {
  const Place place;
  place.trust();
  const std::filesystem::path other = place.top / "other";
  std::filesystem::create_directories(other);
  std::filesystem::create_symlink(place.root / "savepoint.json", other / "savepoint.json");
  std::filesystem::create_directory_symlink(place.root, place.top / "link");

  CHECK_FALSE(trust::is_trusted(config::load(other, place.environment), place.environment));
  CHECK(trust::is_trusted(config::load(place.top / "link", place.environment), place.environment));
}

TEST_CASE("the trust of one user is not that of another") {
  const Place place;
  place.trust();

  CHECK_FALSE(trust::is_trusted(place.load(), {{"HOME", place.top / "elsewhere"}}));
  CHECK_FALSE(trust::is_trusted(place.load(), {}));
  CHECK_FALSE(trust::is_trusted(place.load(), {{"HOME", "relative"}}));
}

TEST_CASE("trust is kept outside of the project, in files that nobody else can read or write") {
  Place place;
  place.environment["XDG_DATA_HOME"] = place.top / "data";
  place.trust();

  const auto files = files_below(place.top / "data");
  REQUIRE(files.size() == 1);
  CHECK(files[0].native().starts_with((place.top / "data/savepoint/trusted/").native()));
  CHECK(std::filesystem::status(files[0]).permissions() == std::filesystem::perms(0600));
  CHECK(files_below(place.root).size() == 1);
}

TEST_CASE("a record that was tampered with, or that others could have written, trusts nobody") {
  const Place place;
  place.trust();
  const auto files = files_below(place.top / "home");
  REQUIRE(files.size() == 1);

  SECTION("emptied") {
    test::write_file(files[0], "");
  }
  SECTION("cut off") {
    std::filesystem::resize_file(files[0], 40);
  }
  SECTION("for another file") {
    std::string text = test::read_file(files[0]);
    text.replace(text.find("project"), 1, "P");
    test::write_file(files[0], text);
  }
  SECTION("open to others") {
    std::filesystem::permissions(files[0], std::filesystem::perms(0666));
  }
  SECTION("a link") {
    std::filesystem::rename(files[0], place.top / "record");
    std::filesystem::create_symlink(place.top / "record", files[0]);
  }
  SECTION("a directory") {
    std::filesystem::remove(files[0]);
    std::filesystem::create_directory(files[0]);
  }

  CHECK_FALSE(place.is_trusted());
}

TEST_CASE("a file that others may change is not trusted at all, and the way out is named") {
  const Place place;
  const auto [mode, why] = GENERATE(table<int, std::string>(
      {{0664, "everybody in its group may write to it"}, {0646, "everybody may write to it"}}));
  const std::filesystem::path file = place.root / "savepoint.json";
  std::filesystem::permissions(file, std::filesystem::perms(mode));

  try {
    place.trust();
    FAIL("it was trusted");
  } catch (const RefusedError& error) {
    CHECK(std::string(error.what()) == "cannot trust '" + file.native() + "': " + why);
    CHECK(error.hint() == "chmod go-w " + file.native());
  }
  CHECK_FALSE(place.is_trusted());
}

TEST_CASE("a file of another user is not trusted, nor is a trusted one that was given away") {
  if (geteuid() != 0) {
    return; // only root can give files away
  }
  constexpr uid_t k_other = 12345;
  const Place place;
  const std::filesystem::path file = place.root / "savepoint.json";
  place.trust();
  REQUIRE(chown(file.c_str(), k_other, k_other) == 0);

  CHECK_FALSE(place.is_trusted());
  CHECK_THROWS_AS(place.trust(), RefusedError);
}

TEST_CASE("of package.json only our own part has to be the same") {
  const Place place;
  std::filesystem::remove(place.root / "savepoint.json");
  place.write(R"({"name": "x", "savepoint": {"databases": [{"name": "a", "dump": "b"}]}})",
              "package.json");
  place.trust();

  place.write(R"({"name": "y", "savepoint": {"databases": [{"name": "a", "dump": "b"}]}})",
              "package.json");
  CHECK(place.is_trusted());
  place.write(R"({"name": "y", "savepoint": {"databases": [{"name": "a", "dump": "c"}]}})",
              "package.json");
  CHECK_FALSE(place.is_trusted());
}

TEST_CASE("commands in the user's own settings need no trust") {
  const Place place;
  test::write_file(place.top / "home/.config/savepoint/config.json", k_settings);

  place.write(R"({"exclude": ["*.mp4"]})");
  CHECK(place.is_trusted());
  CHECK(trust::permissions_of(place.load()).empty());

  place.write(k_settings); // the project's databases replace the user's
  CHECK_FALSE(place.is_trusted());
}

TEST_CASE("all that trust would allow is told") {
  const Place place;
  place.write(R"({"databases": [
    {"name": "cache", "dump": "mongodump", "restore": "mongorestore"},
    {"name": "shop", "url": {"env": "A"}, "client": ["docker", "compose", "exec", "-T", "db"]},
    {"name": "safe", "protected": true},
    {"name": "open", "protected": false},
    {"name": "far", "url": "postgres://app@db.example.com/far"},
    {"path": "app.db"}
  ]})");

  CHECK(trust::permissions_of(place.load()) ==
        std::vector<trust::Permission>{{"cache", "dump", "mongodump"},
                                       {"cache", "restore", "mongorestore"},
                                       {"shop", "client", "docker compose exec -T db"},
                                       {"open", "protected", "false"},
                                       {"far", "url", "postgres://app@db.example.com/far"}});
}
