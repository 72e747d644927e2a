#include "support/syscall_faults.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

namespace savepoint::test {
namespace {

struct Call {
  long number;
  std::string_view name;  ///< Its own.
  std::string_view group; ///< What a fault calls it.
};

// Those of x86-64, which are all that our parts use.
constexpr std::array k_calls{
    Call{SYS_rename, "rename", "rename"},
    Call{SYS_renameat, "renameat", "rename"},
    Call{SYS_renameat2, "renameat2", "rename"},
    Call{SYS_unlink, "unlink", "unlink"},
    Call{SYS_unlinkat, "unlinkat", "unlink"},
    Call{SYS_rmdir, "rmdir", "unlink"},
    Call{SYS_mkdir, "mkdir", "make"},
    Call{SYS_mkdirat, "mkdirat", "make"},
    Call{SYS_link, "link", "make"},
    Call{SYS_linkat, "linkat", "make"},
    Call{SYS_symlink, "symlink", "make"},
    Call{SYS_symlinkat, "symlinkat", "make"},
    Call{SYS_mknod, "mknod", "make"},
    Call{SYS_mknodat, "mknodat", "make"},
    Call{SYS_creat, "creat", "make"},
    Call{SYS_open, "open", "make"},
    Call{SYS_openat, "openat", "make"},
    Call{SYS_write, "write", "write"},
    Call{SYS_pwrite64, "pwrite64", "write"},
    Call{SYS_writev, "writev", "write"},
    Call{SYS_pwritev, "pwritev", "write"},
    Call{SYS_pwritev2, "pwritev2", "write"},
    Call{SYS_sendfile, "sendfile", "write"},
    Call{SYS_copy_file_range, "copy_file_range", "write"},
    Call{SYS_fallocate, "fallocate", "write"},
    Call{SYS_truncate, "truncate", "write"},
    Call{SYS_ftruncate, "ftruncate", "write"},
    Call{SYS_sendto, "sendto", "send"},
    Call{SYS_sendmsg, "sendmsg", "send"},
    Call{SYS_fsync, "fsync", "sync"},
    Call{SYS_fdatasync, "fdatasync", "sync"},
    Call{SYS_syncfs, "syncfs", "sync"},
    Call{SYS_msync, "msync", "sync"},
    Call{SYS_chmod, "chmod", "metadata"},
    Call{SYS_fchmod, "fchmod", "metadata"},
    Call{SYS_fchmodat, "fchmodat", "metadata"},
    Call{SYS_utimensat, "utimensat", "metadata"},
    Call{SYS_setxattr, "setxattr", "metadata"},
    Call{SYS_lsetxattr, "lsetxattr", "metadata"},
    Call{SYS_fsetxattr, "fsetxattr", "metadata"},
    Call{SYS_fremovexattr, "fremovexattr", "metadata"},
};

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(std::string("cannot ") + what + ": " + std::strerror(errno));
}

/// Has the kernel stop this process at the calls above, and at no others.
void install_filter() {
  std::vector<sock_filter> program;
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (std::size_t i = 0; i < k_calls.size(); ++i) {
    const auto to_trace = static_cast<std::uint8_t>(k_calls.size() - i);
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
                               static_cast<std::uint32_t>(k_calls[i].number), to_trace, 0));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE));
  const sock_fprog filter{.len = static_cast<std::uint16_t>(program.size()),
                          .filter = program.data()};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
      prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) {
    fail("filter system calls");
  }
}

[[noreturn]] void be_traced(const std::function<void()>& work) {
  int status = 0;
  try {
    if (ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) != 0) {
      fail("be traced");
    }
    raise(SIGSTOP);
    install_filter();
    work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
    status = 1;
  }
  std::fflush(nullptr);
  _exit(status);
}

/// The text that a stopped process has at an address.
std::string text_at(pid_t process, unsigned long long address) {
  std::string text;
  while (text.size() < PATH_MAX) {
    errno = 0;
    const long word = ptrace(PTRACE_PEEKDATA, process, address + text.size(), nullptr);
    if (errno != 0) {
      return text;
    }
    std::array<char, sizeof word> letters{};
    std::memcpy(letters.data(), &word, sizeof word);
    for (const char letter : letters) {
      if (letter == '\0') {
        return text;
      }
      text += letter;
    }
  }
  return text;
}

class Tracer {
public:
  Tracer(pid_t child, const Fault& fault) : child_(child), fault_(&fault) {}

  FaultOutcome run() {
    int status = 0;
    if (waitpid(child_, &status, 0) != child_ || !WIFSTOPPED(status)) {
      throw std::runtime_error("cannot trace the child: it did not stop");
    }
    constexpr long k_options = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK |
                               PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
    if (ptrace(PTRACE_SETOPTIONS, child_, nullptr, k_options) != 0) {
      fail("trace the child");
    }
    resume(child_, 0);
    bool is_over = false;
    while (!is_over) {
      const pid_t stopped = waitpid(-1, &status, __WALL);
      if (stopped < 0) {
        break; // all of them are gone
      }
      is_over = see(stopped, status);
    }
    return outcome_;
  }

private:
  static void resume(pid_t process, int signal) { ptrace(PTRACE_CONT, process, nullptr, signal); }

  /// Says whether that was the end.
  bool see(pid_t process, int status) {
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
      seen_.erase(process);
      if (process != child_) {
        return false;
      }
      outcome_.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
      return true;
    }
    seen_.insert(process);
    const int event = status >> 16;
    if (event == PTRACE_EVENT_SECCOMP) {
      return see_call(process);
    }
    const int signal = WSTOPSIG(status);
    const bool is_ours = event != 0 || signal == SIGSTOP || signal == SIGTRAP;
    resume(process, is_ours ? 0 : signal);
    return false;
  }

  bool see_call(pid_t process) {
    user_regs_struct registers{};
    if (ptrace(PTRACE_GETREGS, process, nullptr, &registers) != 0) {
      return false; // it was killed meanwhile
    }
    const std::optional<Call> call = counted(process, registers);
    if (!call) {
      resume(process, 0);
      return false;
    }
    ++outcome_.calls;
    using Effect = Fault::Effect;
    const bool is_it = outcome_.calls == fault_->at ||
                       (fault_->effect == Effect::fail_from_now && outcome_.calls > fault_->at);
    if (!is_it || fault_->effect == Effect::none) {
      resume(process, 0);
      return false;
    }
    if (!outcome_.struck) {
      outcome_.last_call = std::string(call->name);
    }
    outcome_.struck = true;
    if (fault_->effect == Effect::kill) {
      outcome_.status = -1;
      return end_all();
    }
    if (fault_->effect == Effect::signal) {
      ::kill(child_, fault_->error);
      resume(process, 0);
      return false;
    }
    registers.orig_rax = ~0ULL; // no call is made
    registers.rax = static_cast<unsigned long long>(-static_cast<long long>(fault_->error));
    ptrace(PTRACE_SETREGS, process, nullptr, &registers);
    resume(process, 0);
    return false;
  }

  [[nodiscard]] std::optional<Call> counted(pid_t process,
                                            const user_regs_struct& registers) const {
    const auto number = static_cast<long>(registers.orig_rax);
    for (const Call& call : k_calls) {
      if (call.number != number) {
        continue;
      }
      const auto first = static_cast<int>(registers.rdi);
      const auto flags = static_cast<int>(number == SYS_open ? registers.rsi : registers.rdx);
      const bool opens = number == SYS_open || number == SYS_openat;
      const bool is_stream = call.group == "write" && number != SYS_truncate &&
                             (first <= 2 || is_of_sanitizer(process, first));
      if ((opens && (flags & (O_CREAT | O_TRUNC)) == 0) || is_stream) {
        return std::nullopt;
      }
      bool is_wanted = fault_->calls.empty();
      for (const std::string_view wanted : fault_->calls) {
        const std::size_t colon = std::min(wanted.find(':'), wanted.size());
        is_wanted =
            is_wanted ||
            (wanted.substr(0, colon) == call.group &&
             (colon == wanted.size() ||
              new_name(process, registers).find(wanted.substr(colon + 1)) != std::string::npos));
      }
      return is_wanted ? std::optional(call) : std::nullopt;
    }
    return std::nullopt;
  }

  /// A sanitizer writes to a pipe of which it has both ends, to find out whether memory can be
  /// read, and gives up where that fails.
  [[nodiscard]] static bool is_of_sanitizer([[maybe_unused]] pid_t process,
                                            [[maybe_unused]] int descriptor) {
#ifdef __SANITIZE_ADDRESS__
    const std::filesystem::path all = "/proc/" + std::to_string(process) + "/fd";
    std::error_code ignored;
    const auto target = std::filesystem::read_symlink(all / std::to_string(descriptor), ignored);
    const auto ends = std::count_if(
        std::filesystem::directory_iterator(all, ignored), {}, [&](const auto& entry) {
          return std::filesystem::read_symlink(entry.path(), ignored) == target;
        });
    return target.native().starts_with("pipe:") && ends == 2;
#else
    return false;
#endif
  }

  /// What a rename is going to call its file.
  [[nodiscard]] static std::string new_name(pid_t process, const user_regs_struct& registers) {
    const bool is_plain = static_cast<long>(registers.orig_rax) == SYS_rename;
    return text_at(process, is_plain ? registers.rsi : registers.r10);
  }

  /// As a power cut would: nobody does anything more.
  bool end_all() {
    for (const pid_t process : seen_) {
      ::kill(process, SIGKILL);
    }
    int status = 0;
    while (waitpid(-1, &status, __WALL) > 0) {
    }
    return true;
  }

  pid_t child_;
  const Fault* fault_;
  std::set<pid_t> seen_;
  FaultOutcome outcome_;
};

} // namespace

FaultOutcome run_with_fault(const std::function<void()>& work, const Fault& fault) {
  const pid_t child = fork();
  if (child < 0) {
    fail("start a child");
  }
  if (child == 0) {
    be_traced(work);
  }
  return Tracer(child, fault).run();
}

} // namespace savepoint::test
