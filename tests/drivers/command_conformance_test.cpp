#include "conformance/driver_conformance.hpp"
#include "drivers/all.hpp"

#include "support/catch.hpp"
#include "support/temporary_directory.hpp"

namespace conformance = savepoint::conformance;

using conformance::Sample;
using savepoint::test::read_file;
using savepoint::test::shell;
using savepoint::test::TemporaryDirectory;
using savepoint::test::write_file;

namespace {

// A database that may be missing: the dump says so.
constexpr const char* k_dump =
    "if [ -e app.data ]; then echo data; cat app.data; else echo none; fi";
constexpr const char* k_restore =
    "read -r kind; if [ $kind = none ]; then rm -f app.data; else cat > app.data; fi";

class CommandDatabase final : public conformance::Database {
public:
  CommandDatabase() {
    std::filesystem::create_directory(directory_ / "data");
    std::filesystem::create_directory(directory_ / "scratch");
  }

  [[nodiscard]] const savepoint::database::Driver& driver() const override {
    return savepoint::drivers::find("command");
  }
  [[nodiscard]] savepoint::database::Target target() const override {
    savepoint::database::Target target;
    target.name = "app";
    target.driver = "command";
    target.settings.dump = k_dump;
    target.settings.restore = k_restore;
    target.project = directory_ / "data";
    target.environment = {{"PATH", "/usr/bin:/bin"}};
    return target;
  }
  [[nodiscard]] std::filesystem::path scratch() const override { return directory_ / "scratch"; }

  void fill(Sample sample) override {
    write_file(file(), std::string(name_of(sample)) +
                           (sample == Sample::large_values ? std::string(5'000'000, '\0') : ""));
  }
  void spoil() override { write_file(file(), "spoilt"); }
  void remove() override { std::filesystem::remove(file()); }
  [[nodiscard]] bool exists() const override { return std::filesystem::exists(file()); }
  [[nodiscard]] std::string dump() const override { return read_file(file()); }
  [[nodiscard]] std::string surroundings() const override {
    return shell(directory_.path(), "ls -lA --time-style=+ data scratch");
  }

private:
  [[nodiscard]] std::filesystem::path file() const { return directory_ / "data/app.data"; }

  TemporaryDirectory directory_;
};

std::unique_ptr<conformance::Database> make() {
  return std::make_unique<CommandDatabase>();
}

} // namespace

// Rows, fingerprints and rehearsals are beyond it: docs/drivers/command.md.

TEST_CASE("commands: every content is restored exactly") {
  conformance::restores_exactly(make, GENERATE(Sample::column_types, Sample::large_values));
}

TEST_CASE("commands: a capture leaves no trace") {
  conformance::captures_without_a_trace(make, Sample::empty);
}

TEST_CASE("commands: a restore can be undone") {
  conformance::undoes(make, GENERATE(Sample::column_types, Sample::large_values));
}

TEST_CASE("commands: a restore given up was never there") {
  conformance::abandons_without_a_trace(make);
}
