#include "gate/takeover.h"

#include <fmt/core.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include "base/log.h"

namespace apim::gate {

Predecessor::~Predecessor() {
  if (handle_ >= 0) ::close(handle_);
}

std::expected<void, std::string> Predecessor::open(pid_t pid, const std::string& name) {
  assert(handle_ < 0);
  pid_ = pid;
  if (pid == ::getpid())
    return std::unexpected(fmt::format("--replaces {}: that is this process", pid));
  // Before its name is read: from here on the number stays its own.
  handle_ = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (handle_ < 0) {
    return std::unexpected(
        fmt::format("--replaces {}: no such process ({})", pid, std::strerror(errno)));
  }
  std::string found;
  std::ifstream comm(fmt::format("/proc/{}/comm", pid));
  std::getline(comm, found);
  if (found == name) return {};
  return std::unexpected(
      fmt::format("--replaces {}: that process is '{}' and no {}", pid, found, name));
}

void Predecessor::retire() const {
  assert(handle_ >= 0);
  for (const int number : {SIGUSR1, SIGTERM}) {
    if (::syscall(SYS_pidfd_send_signal, handle_, number, nullptr, 0) != 0)
      return log::warn("replaced_gateway_unreachable", {{"pid", pid_}, {"errno", errno}});
  }
  log::info("replaced_gateway_drains", {{"pid", pid_}});
}

void Takeover::start(uint64_t bound_ms) {
  due_ms_ = loop_.now_ms() + bound_ms;
  loop_.arm_in(*this, kLookEveryMs);
}

void Takeover::on_due() {
  if (advance()) loop_.arm_in(*this, kLookEveryMs);
}

// False: nothing is left to wait for.
bool Takeover::advance() {
  // A lock that is free before we serve tells that the old one stops by itself: a second SIGTERM
  // would cut what it still finishes.
  const bool had_lock = lock_.is_held();
  const bool has_lock = lock_.try_again();
  if (is_serving_) return conclude(has_lock);
  if (steps_.is_ready()) {
    if (!steps_.serve()) {
      steps_.give_up();
      return false;
    }
    is_serving_ = true;
    due_ms_ = loop_.now_ms() + kLetGoMs;
    if (!lock_.is_held()) predecessor_.retire();
    return conclude(has_lock);
  }
  if (has_lock && lock_.is_held() && !had_lock) log::warn("replaced_gateway_stopped_early");
  if (loop_.now_ms() < due_ms_) return true;
  steps_.give_up();
  return false;
}

// False: nothing is left to wait for.
bool Takeover::conclude(bool has_lock) {
  if (!is_told_ && (has_lock || loop_.now_ms() >= due_ms_)) {
    is_told_ = true;
    steps_.tell_ready();
  }
  return !has_lock;
}

}  // namespace apim::gate
