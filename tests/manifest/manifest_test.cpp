#include "manifest/manifest.hpp"

#include "base/error.hpp"
#include "hash/sha256.hpp"
#include "support/catch.hpp"
#include "support/sample_manifest.hpp"

#include <limits>

using namespace savepoint;
using manifest::Manifest;
using test::sample_manifest;

namespace {

bool nothing_taken(const SnapshotId& /*id*/) {
  return false;
}

std::string sealed_sample() {
  Manifest sample = sample_manifest();
  return manifest::seal(sample, nothing_taken);
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// What reading `text` ends in: "read", "corrupt", "not_found".
std::string outcome(std::string_view text) {
  try {
    static_cast<void>(manifest::parse(text, "manifest"));
  } catch (const CorruptionError&) {
    return "corrupt";
  } catch (const NotFoundError&) {
    return "not_found";
  }
  return "read";
}

/// The same document with a fresh, valid checksum: damage that no checksum tells.
std::string forged(std::string_view text, const std::function<void(json::Value&)>& change) {
  json::Value document = json::parse(text, "forged");
  document.members().pop_back();
  change(document);
  document.set("checksum", hash::sha256(as_bytes(json::print(document))).hex());
  return json::print(document);
}

} // namespace

TEST_CASE("what was sealed is what is read back") {
  Manifest sample = sample_manifest();
  sample.created_at += std::chrono::nanoseconds(999);

  const std::string text = manifest::seal(sample, nothing_taken);
  const Manifest read = manifest::parse(text, "manifest");

  CHECK(manifest::to_json(read) == manifest::to_json(sample));
  CHECK(read.created_at == sample.created_at);
  CHECK(read.state == manifest::state_of(sample));
  CHECK(manifest::state_of(read) == manifest::state_of(sample));
  REQUIRE(read.id);
  CHECK_THAT(read.id->text(), Catch::StartsWith("20261121-040025-"));
  CHECK(read.id->text().size() == 20);
}

TEST_CASE("an almost empty manifest is read back too") {
  Manifest empty;
  empty.git = manifest::GitState{};

  const std::string text = manifest::seal(empty, nothing_taken);
  const Manifest read = manifest::parse(text, "manifest");

  CHECK_FALSE(read.code);
  CHECK_FALSE(read.config);
  CHECK_FALSE(read.previous);
  REQUIRE(read.git);
  CHECK_FALSE(read.git->branch);
  CHECK_FALSE(read.git->dirty());
}

TEST_CASE("names that are not text survive in a manifest") {
  const std::string name = "caf\xE9\n\x1b[2J";
  Manifest sample = sample_manifest();
  sample.note = name;
  sample.project.name = name;
  sample.config->files[0].path = name;
  sample.config->files[0].keys = {name};
  sample.databases[0].name = name;
  sample.databases[0].tables[0].name = name;
  sample.git->branch = name;
  sample.git->staged[0].path = name;
  sample.git->untracked = {name};
  sample.versions["app"] = name;
  sample.left_out[0].path = name;

  const Manifest read = manifest::parse(manifest::seal(sample, nothing_taken), "manifest");

  CHECK(manifest::to_json(read) == manifest::to_json(sample));
  CHECK(read.git->branch == name);
  CHECK(read.left_out[0].path == name);
}

TEST_CASE("a changed byte anywhere in a manifest is noticed") {
  std::string text = sealed_sample();

  for (std::size_t offset = 0; offset < text.size(); ++offset) {
    for (const int bit : {1, 2, 16, 32, 128}) {
      const char before = text[offset];
      text[offset] = static_cast<char>(before ^ bit);
      CAPTURE(offset, bit, before);
      const bool is_version =
          text.find("\"version\": 1,\n") == std::string::npos && offset < text.find("\"id\":");
      CHECK((outcome(text) == "corrupt" || (is_version && outcome(text) == "not_found")));
      text[offset] = before;
    }
  }
  CHECK(outcome(text) == "read");
}

TEST_CASE("a manifest cut short anywhere, or with something behind it, is noticed") {
  const std::string text = sealed_sample();

  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    CHECK(outcome(text.substr(0, length)) == "corrupt");
  }
  CHECK(outcome(text + "\n") == "corrupt");
  CHECK(outcome(" " + text) == "corrupt");
  CHECK(outcome("\xEF\xBB\xBF" + text) == "corrupt");
}

TEST_CASE("a manifest of a newer version is not called damaged") {
  const std::string newer = replaced(sealed_sample(), "\"version\": 1,", "\"version\": 4,");

  CHECK_THROWS_AS(manifest::parse(newer, "manifest"), NotFoundError);
  CHECK_THROWS_WITH(manifest::parse(newer, "manifests/x.json"),
                    Catch::StartsWith("manifests/x.json is of version 4"));
}

TEST_CASE("the exact state of git is kept, in a manifest of version 2") {
  Manifest sample = sample_manifest();
  sample.git->tree = hash::sha256(as_bytes("tree"));
  sample.git->needs = {{"", "9fceb02d0ae598e95dc970b74767f19372d61af8"},
                       {"libs/a", "257cc5642cb1a054f08cc83f2d943e56fd3ebe99"}};
  const std::string text = manifest::seal(sample, nothing_taken);

  const Manifest read = manifest::parse(text, "manifest");
  CHECK(manifest::to_json(read).at("version") == json::Value(2));
  CHECK(read.git->tree == sample.git->tree);
  CHECK(read.git->needs == sample.git->needs);
  CHECK(outcome(forged(text, [](json::Value& d) { d.set("version", 1); })) == "corrupt");
}

TEST_CASE("what a hook knows of its moment is kept, in a manifest of version 3") {
  Manifest sample = sample_manifest();
  sample.hook = manifest::HookMoment{.left_commit = "257cc5642cb1a054f08cc83f2d943e56fd3ebe99",
                                     .left_branch = "feature/\xff",
                                     .late = {"prisma/dev.db"}};
  const std::string text = manifest::seal(sample, nothing_taken);

  const Manifest read = manifest::parse(text, "manifest");
  CHECK(manifest::to_json(read).at("version") == json::Value(3));
  CHECK(read.hook == sample.hook);
  CHECK(manifest::state_of(read) == manifest::state_of(sample_manifest()));
  CHECK(outcome(forged(text, [](json::Value& d) { d.set("version", 1); })) == "corrupt");
}

TEST_CASE("what we would not have written is refused even with a right checksum") {
  const std::string text = sealed_sample();
  const auto refused = [&](const std::function<void(json::Value&)>& change) {
    return outcome(forged(text, change)) == "corrupt";
  };

  CHECK(outcome(forged(text, [](json::Value&) {})) == "read");
  CHECK(refused([](json::Value& d) { d.set("more", 1); }));
  CHECK(refused([](json::Value& d) { d.set("id", "20261121-040025-ffff"); }));
  CHECK(refused([](json::Value& d) { d.set("id", "../../../etc/passwd"); }));
  CHECK(refused([](json::Value& d) { d.set("id", nullptr); }));
  CHECK(refused([](json::Value& d) { d.set("sequence", -1); }));
  CHECK(refused([](json::Value& d) { d.set("created_at", "yesterday"); }));
  CHECK(refused([](json::Value& d) { d.set("created_at", "9999-01-01T00:00:00.000Z"); }));
  CHECK(refused([](json::Value& d) { d.set("components", "none"); }));
  CHECK(refused([](json::Value& d) { d.set("git", json::Value::object()); }));
  CHECK(refused([](json::Value& d) { d.members().erase(d.members().begin() + 5); }));
}

TEST_CASE("every member of a manifest is demanded and none may be of another kind") {
  const std::string text = sealed_sample();
  const std::size_t count = json::parse(text, "sample").members().size() - 1;
  const auto change_at = [&](std::size_t index, bool erase) {
    return forged(text, [&](json::Value& document) {
      auto& members = document.members();
      if (erase) {
        members.erase(members.begin() + static_cast<std::ptrdiff_t>(index));
      } else {
        members[index].second = json::Value::array({1.5});
      }
    });
  };

  for (std::size_t index = 0; index < count; ++index) {
    CAPTURE(index);
    CHECK(outcome(change_at(index, true)) == "corrupt");
    CHECK(outcome(change_at(index, false)) == "corrupt");
  }
}

TEST_CASE("sizes that add up to more than any number are no crash") {
  constexpr auto k_most = std::numeric_limits<std::int64_t>::max();
  Manifest sample = sample_manifest();
  sample.code->bytes = k_most;
  sample.databases[0].size = k_most;
  sample.config->files[0].size = k_most;
  sample.config->files.push_back(sample.config->files[0]);

  const Manifest read = manifest::parse(manifest::seal(sample, nothing_taken), "manifest");

  CHECK(read.bytes() == static_cast<std::uint64_t>(k_most));
}

TEST_CASE("a config file that could not be read does not stop the rest from being sealed") {
  Manifest sample = sample_manifest();
  sample.config->files[1].sha256 = "";

  const Manifest read = manifest::parse(manifest::seal(sample, nothing_taken), "manifest");

  CHECK(read.config->files[1].sha256.empty());
}

TEST_CASE("what could not be read back is never sealed") {
  Manifest sample = sample_manifest();
  sample.config->files[0].sha256 = "unknown";
  CHECK_THROWS_AS(manifest::seal(sample, nothing_taken), CorruptionError);

  sample = sample_manifest();
  sample.databases.push_back(sample.databases[0]);
  CHECK_THROWS_AS(manifest::seal(sample, nothing_taken), CorruptionError);
}

TEST_CASE("an id gets as many digits as it needs to be unique") {
  Manifest sample = sample_manifest();
  const std::string text = manifest::seal(sample, [](const SnapshotId& id) {
    return id.text().size() < 24; // four, five, six and seven digits are taken
  });

  CHECK(sample.id->text().size() == 24);
  CHECK(manifest::parse(text, "manifest").id == sample.id);
}

TEST_CASE("bytes count every component once") {
  // 4096 of code, 120 of .env.local (package.json is code), 8192 of the database
  CHECK(sample_manifest().bytes() == 4096 + 120 + 8192);
}

TEST_CASE("the document has the shape that others rely on") {
  Manifest sample = sample_manifest();
  static_cast<void>(manifest::seal(sample, nothing_taken));
  const json::Value document = manifest::to_json(sample);

  CHECK(document.at("format") == json::Value("savepoint-manifest"));
  CHECK(document.at("version") == json::Value(1));
  CHECK(document.find("checksum") == nullptr);
  const json::Items& components = document.at("components").items();
  REQUIRE(components.size() == 3);
  CHECK(components[0].find("hard_links") == nullptr);
  CHECK(components[1].at("files").items()[0].at("mode") == json::Value("0600"));
  CHECK(components[1].at("bytes") == json::Value(120));
  CHECK(components[2].at("kind") == json::Value("database"));
  CHECK(components[2].at("tables").items()[0].at("rows") == json::Value(2000));
  const json::Value& git = document.at("git");
  CHECK(git.at("dirty") == json::Value(true));
  CHECK(git.at("status").at("staged").items()[0].at("mode") == json::Value("0100644"));
}
