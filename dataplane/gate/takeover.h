// Takeover: how a new process takes the place of one that serves, without a request lost.
//
//   Waiting ── every worker serves a snapshot ──> Serving: the new one listens, the old one drains
//      │                                             └── the cache directory is ours ──> over
//      └────── the bound ──> given up: the old one goes on and never knew
//
// Lives on the main thread's loop.

#pragma once

#include <sys/types.h>

#include <expected>
#include <functional>
#include <string>

#include "gate/cache_lock.h"
#include "net/loop.h"

namespace apim::gate {

// A running gateway, held so that its number cannot become another process's.
class Predecessor {
 public:
  Predecessor() = default;
  Predecessor(const Predecessor&) = delete;
  Predecessor& operator=(const Predecessor&) = delete;
  ~Predecessor();

  // The error is one line for people: no such process, or not a gateway (`name`, as in
  // /proc/PID/comm).
  std::expected<void, std::string> open(pid_t pid, const std::string& name = "apim-gateway");

  // Tells it that the admin port is answered elsewhere, and to drain. One that is gone needs none.
  void retire() const;

 private:
  pid_t pid_ = 0;
  int handle_ = -1;  // Of pidfd_open.
};

class Takeover final : private net::Deadline {
 public:
  struct Steps {
    std::function<bool()> is_ready;
    std::function<bool()> serve;  // Listens. False: it cannot.
    std::function<void()> tell_ready;  // After serve(): the next upgrade may begin.
    std::function<void()> give_up;
  };

  Takeover(net::Loop& loop, CacheLock& lock, const Predecessor& predecessor, Steps steps)
      : loop_(loop), lock_(lock), predecessor_(predecessor), steps_(std::move(steps)) {}

  // Waits at most `bound_ms`. Exactly one of tell_ready() and give_up() follows, unless
  // leave() is called.
  void start(uint64_t bound_ms);
  void leave() { loop_.disarm(*this); }

 private:
  static constexpr uint64_t kLookEveryMs = 20;
  // A predecessor lets its directory go at once; one that hangs does not keep us from telling.
  static constexpr uint64_t kLetGoMs = 1000;

  void on_due() override;
  bool advance();
  bool conclude(bool has_lock);

  net::Loop& loop_;
  CacheLock& lock_;
  const Predecessor& predecessor_;
  Steps steps_;
  uint64_t due_ms_ = 0;
  bool is_serving_ = false;
  bool is_told_ = false;
};

}  // namespace apim::gate
