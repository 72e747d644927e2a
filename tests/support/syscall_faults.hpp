#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace savepoint::test {

/// Something that happens to a process at one of its system calls that change files: those that
/// make, rename, remove, write, cut or sync them, or change their metadata, or at one that sends
/// something to a server. Reading calls and the standard streams do not count.
struct Fault {
  enum class Effect {
    none,          ///< Just count.
    kill,          ///< It and its children end before the call is made.
    fail,          ///< This call fails with `error`.
    fail_from_now, ///< This call and all later ones do.
    signal         ///< The first process gets the signal `error`; the call is made.
  };
  Effect effect = Effect::none;
  std::uint64_t at = 0; ///< The first call is 1.
  int error = 0;        ///< An errno, or the number of a signal.
  /// Only these names count: "rename" also means renameat2, and "rename:/marks/" those whose new
  /// name has that in it.
  std::vector<std::string> calls = {};
};

struct FaultOutcome {
  std::uint64_t calls = 0; ///< So many counted.
  bool struck = false;     ///< The fault happened.
  int status = 0;          ///< Exit status; -1 if it was killed, by the fault or otherwise.
  std::string last_call;   ///< The name of the call at which it happened.
};

/// Runs `work` in a child process, which ends with 0, or with 1 if `work` throws, and lets `fault`
/// happen to it and to its children. Made of ptrace(2) and seccomp(2).
///
/// Throws std::runtime_error where the system does not let us trace.
[[nodiscard]] FaultOutcome run_with_fault(const std::function<void()>& work, const Fault& fault);

} // namespace savepoint::test
