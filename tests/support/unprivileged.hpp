#pragma once

#include <array>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace savepoint::test {

/// As long as it lives, modes and owners of files hold for this thread, and for those it starts,
/// even if it is root's.
class Unprivileged {
public:
  Unprivileged() {
    syscall(SYS_capget, &header_, before_.data());
    auto now = before_;
    now[0].effective &=
        ~((1U << CAP_DAC_OVERRIDE) | (1U << CAP_DAC_READ_SEARCH) | (1U << CAP_FOWNER));
    syscall(SYS_capset, &header_, now.data());
  }
  ~Unprivileged() { syscall(SYS_capset, &header_, before_.data()); }
  Unprivileged(const Unprivileged&) = delete;
  Unprivileged& operator=(const Unprivileged&) = delete;

private:
  __user_cap_header_struct header_{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> before_{};
};

} // namespace savepoint::test
