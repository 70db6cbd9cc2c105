#include "net/signals.h"

#include <cassert>
#include <csignal>

namespace apim::net {

Signals::Signals(Loop& loop, SignalOwner& owner) : owner_(owner) {
  std::signal(SIGPIPE, SIG_IGN);
  constexpr std::array<int, 3> kNumbers{SIGTERM, SIGINT, SIGHUP};
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

}  // namespace apim::net
