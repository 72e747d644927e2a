#include "fuzz/targets.hpp"
#include "support/temporary_directory.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <string>

using namespace savepoint;

/// Runs a target on every file of a directory: what it was given once, it takes for ever.
int main(int argc, char** argv) {
  const auto target = std::ranges::find(fuzz::k_targets, std::string_view(argc == 3 ? argv[1] : ""),
                                        &fuzz::NamedTarget::name);
  if (target == fuzz::k_targets.end()) {
    std::fputs("usage: fuzz_replay TARGET DIRECTORY\n", stderr);
    return 2;
  }
  int runs = 0;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) {
    const std::string input = test::read_file(entry.path());
    std::printf("%s\n", entry.path().c_str());
    std::fflush(stdout); // the last line is the input that ended the program
    target->run(as_bytes(input));
    ++runs;
  }
  return runs > 0 ? 0 : 1; // an empty corpus proves nothing
}
