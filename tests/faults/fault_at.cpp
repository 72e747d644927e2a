// fault_at REPORT EFFECT N ERRNO CALLS PROGRAM [ARGUMENT...]: runs a program and lets a fault
// happen to it at its Nth call that changes files. REPORT gets "CALLS STRUCK NAME". The exit status
// is the program's; 137 if it was killed.
#include "support/syscall_faults.hpp"

#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include <unistd.h>

using savepoint::test::Fault;

namespace {

Fault::Effect effect_of(const std::string& name) {
  if (name == "none") {
    return Fault::Effect::none;
  }
  if (name == "kill") {
    return Fault::Effect::kill;
  }
  if (name == "once") {
    return Fault::Effect::fail;
  }
  if (name == "lasting") {
    return Fault::Effect::fail_from_now;
  }
  if (name == "signal") {
    return Fault::Effect::signal;
  }
  throw std::runtime_error("no such effect: " + name);
}

std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> all;
  std::istringstream stream(text);
  for (std::string word; std::getline(stream, word, ',');) {
    if (word != "all") {
      all.push_back(word);
    }
  }
  return all;
}

} // namespace

int main(int argc, char** argv) {
  try {
    if (argc < 7) {
      throw std::runtime_error("usage: fault_at REPORT EFFECT N ERRNO CALLS PROGRAM [ARGUMENT...]");
    }
    const Fault fault{.effect = effect_of(argv[2]),
                      .at = std::stoull(argv[3]),
                      .error = std::stoi(argv[4]),
                      .calls = words(argv[5])};
    const auto outcome = savepoint::test::run_with_fault(
        [&] {
          execvp(argv[6], argv + 6);
          throw std::runtime_error(std::string("cannot run ") + argv[6]);
        },
        fault);
    std::ofstream(argv[1]) << outcome.calls << ' ' << outcome.struck << ' ' << outcome.last_call
                           << '\n';
    return outcome.status < 0 ? 137 : outcome.status;
  } catch (const std::exception& error) {
    std::cerr << "fault_at: " << error.what() << '\n';
    return 126;
  }
}
