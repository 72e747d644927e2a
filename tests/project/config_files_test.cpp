#include "support/catch.hpp"
#include "support/scanner.hpp"

#include <fstream>

using namespace savepoint;
using project::Scan;
using test::left_out;
using test::Scanner;

TEST_CASE("a config file that keeps changing is named, and kept as last read") {
  Scanner scanner;
  scanner.test.write(".gitignore", ".env\n");
  scanner.test.write(".env", "A=1\n");
  scanner.when_read = [&scanner] {
    std::ofstream(scanner.test.root() / ".env", std::ios::app) << "B=2\n";
  };

  const Scan scan = scanner.scan_and_seal();

  REQUIRE(left_out(scan, ".env"));
  CHECK(left_out(scan, ".env")->reason.find("kept changing") == 0);
  CHECK(left_out(scan, ".env")->is_error);
  REQUIRE(scan.config.files.size() == 1);
  REQUIRE(scan.config.tree);
  const auto stored = store::find_path(scanner.store, *scan.config.tree, ".env");
  REQUIRE(stored);
  CHECK(scan.config.files[0].sha256 == stored->content.id.hex()); // of what is stored
  CHECK(scan.config.files[0].size == stored->content.size);
}
