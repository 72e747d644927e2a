#include "web/api.hpp"

#include "cli/place.hpp"
#include "snapshot/snapshot.hpp"

#include "support/catch.hpp"
#include "support/test_project.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string>

using namespace savepoint;
using http::Request;
using http::Response;
using test::TestProject;

namespace {

constexpr std::array<web::Asset, 1> k_assets{{{"/", "text/html; charset=utf-8", "<p>the page"}}};
const std::string k_token(64, 'a');

/// A page that is asked without a server or a browser.
class Page {
public:
  explicit Page(const TestProject& project)
      : environment_{{"HOME", project.home().string()},
                     {"PATH", "/usr/bin:/bin"},
                     {"SAVEPOINT_STORE", project.store().string()}},
        common_{.directory = project.root().string(), .store = std::nullopt}, gate_(4711, k_token),
        reads_({common_, environment_, &never_}),
        comparisons_({common_, environment_, &never_}), place_{environment_, project.root(),
                                                               project.store().string()},
        jobs_(place_), api_(gate_, k_assets, reads_, comparisons_, jobs_, place_) {}

  [[nodiscard]] Response ask(const std::string& path,
                             std::map<std::string, std::string> query = {}) {
    return api_.answer({.method = "GET",
                        .path = path,
                        .query = std::move(query),
                        .headers = {{"host", "127.0.0.1:4711"}, {"x-savepoint", k_token}},
                        .body = {}});
  }
  [[nodiscard]] json::Value get(const std::string& path,
                                std::map<std::string, std::string> query = {}) {
    const Response response = ask(path, std::move(query));
    CHECK(response.status == 200);
    return json::parse(response.body, path);
  }
  [[nodiscard]] Response post(const std::string& body) {
    return api_.answer({.method = "POST",
                        .path = "/api/actions",
                        .query = {},
                        .headers = {{"host", "127.0.0.1:4711"},
                                    {"content-type", "application/json"},
                                    {"x-savepoint", k_token}},
                        .body = body});
  }
  /// Takes a snapshot and returns its id.
  std::string save() {
    cli::Session session({}, environment_, never_);
    session.common = common_;
    const project::Project project = cli::open_project(session);
    store::Store store = cli::open_store_for_snapshot(session, project);
    return snapshot::take(project, store, {}).manifest.id->text();
  }

private:
  Cancellation never_;
  config::Environment environment_;
  cli::Common common_;
  web::Gate gate_;
  web::Reads reads_;
  web::Comparisons comparisons_;
  web::CommandPlace place_;
  web::Jobs jobs_;
  web::Api api_;
};

std::string name_of(const json::Value& entry) {
  return json::bytes_of(entry.at("name"));
}

} // namespace

TEST_CASE("every answer tells browsers to keep everything else out") {
  const TestProject project;
  Page page(project);
  for (const char* const path : {"/", "/nothing", "/api/state", "/api/nothing"}) {
    CAPTURE(path);
    const Response response = page.ask(path);
    std::map<std::string, std::string> headers(response.headers.begin(), response.headers.end());
    CHECK(headers["Content-Security-Policy"].starts_with("default-src 'none'; script-src 'self';"));
    CHECK(headers["X-Content-Type-Options"] == "nosniff");
    CHECK(headers["Cache-Control"] == "no-store");
    CHECK_FALSE(headers.contains("Access-Control-Allow-Origin"));
  }
}

TEST_CASE("a project without snapshots is shown, and not an error") {
  const TestProject project;
  Page page(project);

  CHECK(page.get("/api/state").at("snapshots").as_integer() == 0);
  CHECK(page.get("/api/snapshots").at("snapshots").items().empty());
}

TEST_CASE("the list comes in pages, the newest first") {
  const TestProject project;
  project.write("a", "1");
  Page page(project);
  const std::string first = page.save();
  project.write("a", "22");
  const std::string second = page.save();

  const json::Value newest = page.get("/api/snapshots", {{"limit", "1"}});
  CHECK(newest.at("total").as_integer() == 2);
  CHECK(newest.at("snapshots").items().at(0).at("id").as_string() == second);
  const json::Value rest = page.get("/api/snapshots", {{"offset", "1"}, {"limit", "10"}});
  CHECK(rest.at("snapshots").items().size() == 1);
  CHECK(rest.at("snapshots").items().at(0).at("id").as_string() == first);
  CHECK(page.get("/api/snapshots", {{"offset", "99"}}).at("snapshots").items().empty());
}

TEST_CASE("the commits of snapshots are told with what they come from, past those that have none") {
  const TestProject project;
  Page page(project);
  const auto commit = [&](const std::string& subject) {
    project.git("commit -q --allow-empty -m '" + subject + "'");
    return project.git("rev-parse HEAD").substr(0, 40);
  };
  project.write("a", "1");
  const std::string first = commit("the first");
  project.git("branch -m main");
  page.save();
  commit("not saved");
  const std::string second = commit("the second");
  page.save();
  project.git("switch -q -c other");
  const std::string third = commit("the third, where nothing was saved");

  const json::Items commits = page.get("/api/commits").at("commits").items();
  const auto find = [&](const std::string& id) {
    return *std::ranges::find_if(commits,
                                 [&](const auto& one) { return one.at("id").as_string() == id; });
  };

  REQUIRE(commits.size() == 3);
  CHECK(find(first).at("parents").items().empty());
  CHECK(find(second).at("parents").items().at(0).as_string() == first);
  CHECK(find(second).at("subject").as_string() == "the second");
  CHECK(find(second).at("names").items().at(0).as_string() == "main");
  CHECK_FALSE(find(second).at("head").as_bool());
  CHECK(find(third).at("parents").items().at(0).as_string() == second);
  CHECK(find(third).at("head").as_bool());
}

TEST_CASE("files are listed a directory at a time, whatever their names") {
  const TestProject project;
  project.write("src/one", "1");
  project.write("src/\xff\n+%/<b>", "2");
  project.write("top", "3");
  Page page(project);
  const std::string id = page.save();

  const json::Value top = page.get("/api/files", {{"id", id}});
  REQUIRE(top.at("entries").items().size() == 2);
  CHECK(name_of(top.at("entries").items().at(0)) == "src");
  const json::Value source = page.get("/api/files", {{"id", id}, {"path", "src"}});
  REQUIRE(source.at("entries").items().size() == 2);
  const json::Value& odd = source.at("entries").items().at(0);
  CHECK(name_of(odd) == "\xff\n+%");
  CHECK(odd.at("key").as_string() == "src/%FF%0A%2B%25");
  const json::Value inner = page.get("/api/files", {{"id", id}, {"path", "src/\xff\n+%"}});
  CHECK(name_of(inner.at("entries").items().at(0)) == "<b>");
  CHECK(page.ask("/api/files", {{"id", id}, {"path", "../src"}}).status == 404);
  CHECK(page.ask("/api/files", {{"id", id}, {"path", "top"}}).status == 404);
}

TEST_CASE("a difference comes in pages, with its counts and by a part of the path") {
  const TestProject project;
  for (const char* const name : {"a1", "a2", "a3", "b1"}) {
    project.write(name, "before");
  }
  Page page(project);
  const std::string before = page.save();
  for (const char* const name : {"a1", "a2", "a3", "b1", "c1"}) {
    project.write(name, "after, and longer");
  }
  const std::string after = page.save();
  const std::map<std::string, std::string> both{{"before", before}, {"after", after}};

  auto query = both;
  query["limit"] = "2";
  query["offset"] = "3";
  const json::Value part = page.get("/api/diff", query);
  CHECK(part.at("total").as_integer() == 5);
  CHECK(part.at("counts").at("modified").as_integer() == 4);
  CHECK(part.at("counts").at("added").as_integer() == 1);
  REQUIRE(part.at("files").items().size() == 2);
  CHECK(part.at("files").items().at(0).at("path").as_string() == "b1");
  query = both;
  query["filter"] = "a";
  CHECK(page.get("/api/diff", query).at("total").as_integer() == 3);
}

TEST_CASE("the project as it is now is looked at again when that is wanted, and not for a filter") {
  const TestProject project;
  project.write("a", "1");
  Page page(project);
  const std::string id = page.save();

  const auto total = [&](std::map<std::string, std::string> more) {
    more.emplace("before", id);
    return page.get("/api/diff", std::move(more)).at("total").as_integer();
  };

  CHECK(total({}) == 0);
  project.write("b", "2");
  CHECK(total({{"filter", "b"}}) == 0);
  CHECK(total({{"filter", "b"}, {"anew", "1"}}) == 1);
  CHECK(total({}) == 1);
}

TEST_CASE("a file that differs is shown line by line, as a patch") {
  const TestProject project;
  project.write("a", "one\ntwo\nthree\n");
  project.write("gone", "was here\n");
  project.write("image", std::string("\0\1", 2));
  Page page(project);
  const std::string before = page.save();
  project.write("a", "one\n2\n\xff\nthree\n");
  project.write("image", std::string("\0\2\3", 3));
  std::filesystem::remove(project.root() / "gone");
  const std::string after = page.save();
  const auto patch = [&](const std::string& path, const std::string& to) {
    return page.get("/api/patch", {{"before", before}, {"after", to}, {"path", path}});
  };
  static_cast<void>(page.get("/api/diff", {{"before", before}}));

  for (const std::string& to : {after, std::string()}) { // "": the project as it is now
    CAPTURE(to);
    const json::Value changed = patch("a", to);
    CHECK(changed.at("is").as_string() == "text");
    CHECK(changed.at("insertions").as_integer() == 2);
    const json::Items& lines = changed.at("lines").items();
    REQUIRE(lines.size() == 6);
    CHECK(lines.at(0).as_string() == "@@ -1,3 +1,4 @@");
    CHECK(lines.at(2).as_string() == "-two");
    CHECK(json::bytes_of(lines.at(4)) == "+\xff");
    CHECK(patch("gone", to).at("lines").items().at(1).as_string() == "-was here");
    CHECK(patch("image", to).at("is").as_string() == "binary");
  }
  const json::Value part = page.get(
      "/api/patch",
      {{"before", before}, {"after", after}, {"path", "a"}, {"offset", "2"}, {"limit", "1"}});
  CHECK(part.at("lines").items().size() == 1);
  CHECK(part.at("total").as_integer() == 6);
}

TEST_CASE("no patch shows the value of a setting, or a file that does not differ") {
  const TestProject project;
  project.write(".env.local", "PASSWORD=secret\n");
  project.write("same", "same");
  Page page(project);
  const std::string before = page.save();
  project.write(".env.local", "PASSWORD=secret\nMORE=secret\n");
  project.write("other", "other");
  const std::string after = page.save();
  std::ofstream(project.root().parent_path() / "outside") << "outside";

  for (const char* const path :
       {".env.local", "same", "../outside", "/etc/passwd", "", "nothing"}) {
    CAPTURE(path);
    for (const std::string& to : {after, std::string()}) {
      const Response response =
          page.ask("/api/patch", {{"before", before}, {"after", to}, {"path", path}});
      CHECK(response.body.find("PASSWORD") == std::string::npos);
      CHECK(response.body.find("lines") == std::string::npos);
    }
  }
}

TEST_CASE("a file that is gone is not read through a link that took the place of its directory") {
  const TestProject project;
  project.write("directory/file", "of the project\n");
  Page page(project);
  const std::string before = page.save();
  std::filesystem::rename(project.root() / "directory", project.outside("moved"));
  std::ofstream(project.outside("moved") / "file") << "of somebody else\n";
  std::filesystem::create_directory_symlink(project.outside("moved"), project.root() / "directory");
  static_cast<void>(page.get("/api/diff", {{"before", before}}));

  const json::Value patch =
      page.get("/api/patch", {{"before", before}, {"path", "directory/file"}});

  CHECK(patch.at("deletions").as_integer() == 1);
  CHECK(patch.at("insertions").as_integer() == 0);
}

TEST_CASE("the contents of a file are shown line by line, but for settings") {
  const TestProject project;
  project.write("a", "one\n\xff\nthree");
  project.write("image", std::string("\0\1", 2));
  project.write("directory/.env.local", "PASSWORD=secret\n");
  Page page(project);
  const std::string id = page.save();
  const auto contents = [&](const std::string& path) {
    return page.get("/api/contents", {{"id", id}, {"path", path}});
  };

  const json::Items lines = contents("a").at("lines").items();
  REQUIRE(lines.size() == 3);
  CHECK(lines.at(0).as_string() == "one");
  CHECK(json::bytes_of(lines.at(1)) == "\xff");
  CHECK(lines.at(2).as_string() == "three");
  CHECK(contents("image").at("is").as_string() == "binary");
  CHECK(contents("directory/.env.local").at("is").as_string() == "secret");
  CHECK(contents("directory").at("is").as_string() == "no file");
  CHECK(page.ask("/api/contents", {{"id", id}, {"path", "nothing"}}).status == 404);
  const json::Value part =
      page.get("/api/contents", {{"id", id}, {"path", "a"}, {"offset", "2"}, {"limit", "9"}});
  CHECK(part.at("lines").items().size() == 1);
  CHECK(part.at("total").as_integer() == 3);
}

TEST_CASE("an error is the document that every command prints") {
  const TestProject project;
  project.write("a", "1");
  Page page(project);
  page.save();

  const Response response = page.ask("/api/snapshot", {{"id", "nothing"}});

  CHECK(response.status == 404);
  const json::Value error = json::parse(response.body, "the error").at("error");
  CHECK(error.at("code").as_string() == "not_found");
  CHECK_FALSE(error.at("changed").as_bool());
  CHECK_FALSE(error.at("hint").as_string().empty());
}

TEST_CASE("nothing is restored or deleted that nobody was shown") {
  const TestProject project;
  project.write("a", "1");
  Page page(project);
  const std::string id = page.save();

  for (const char* const action : {"restore", "delete"}) {
    const Response response =
        page.post(R"({"action": ")" + std::string(action) + R"(", "snapshot": ")" + id + "\"}");
    CHECK(response.status == 403);
  }
  CHECK(page.post("{\"action\": \"undo\"}").status == 403);
}

TEST_CASE("what is no document, or no action, changes nothing") {
  const TestProject project;
  Page page(project);
  CHECK(page.post("").status == 400);
  CHECK(page.post("[]").status >= 400);
  CHECK(page.post("{\"action\": \"run\"}").status == 400);
  CHECK(page.ask("/api/actions").status == 400);
}
