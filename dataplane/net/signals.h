// Signals: the process's signals as callbacks on a loop. One owner a process, on its main thread.

#pragma once

#include <uv.h>

#include <array>

#include "net/loop.h"
#include "net/tenancy.h"

namespace apim::net {

class SignalOwner {
 public:
  virtual void on_signal(int number) = 0;

 protected:
  ~SignalOwner() = default;
};

class Signals {
 public:
  // SIGTERM, SIGINT, SIGHUP and SIGUSR1 go to `owner`; SIGPIPE is ignored.
  Signals(Loop& loop, SignalOwner& owner);
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // From now on the signals do nothing: a second SIGTERM must not kill a process that is about to
  // end.
  void leave();

  Tenancy<Signals, 4> tenancy;
  static void departed(Signals*) {}

 private:
  SignalOwner& owner_;
  std::array<uv_signal_t, 4> handles_;
};

}  // namespace apim::net
