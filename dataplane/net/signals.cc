#include "net/signals.h"

#include <cassert>
#include <csignal>

namespace apim::net {
namespace {

constexpr std::array<int, 4> kNumbers{SIGTERM, SIGINT, SIGHUP, SIGUSR1};

}  // namespace

Signals::Signals(Loop& loop, SignalOwner& owner) : owner_(owner) {
  std::signal(SIGPIPE, SIG_IGN);
  for (size_t i = 0; i < kNumbers.size(); ++i) {
    int status = uv_signal_init(loop.uv(), &handles_[i]);
    assert(status == 0);
    tenancy.admit(this, reinterpret_cast<uv_handle_t*>(&handles_[i]));
    status = uv_signal_start(
        &handles_[i],
        [](uv_signal_t* handle, int number) {
          auto* self = static_cast<Signals*>(handle->data);
          if (!self->tenancy.leaving()) self->owner_.on_signal(number);
        },
        kNumbers[i]);
    assert(status == 0);
  }
}

void Signals::leave() {
  // libuv gives the default action back when a handle closes. What is blocked here meanwhile waits,
  // and is then ignored.
  sigset_t all;
  sigset_t before;
  sigemptyset(&all);
  for (const int number : kNumbers) sigaddset(&all, number);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  tenancy.leave();
  for (const int number : kNumbers) std::signal(number, SIG_IGN);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace apim::net
