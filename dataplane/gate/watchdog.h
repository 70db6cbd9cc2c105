// Watchdog: finds the worker whose loop is stuck, and where.
//
// A thread of its own looks at every worker's loop a few times a second. One
// whose turn takes too long is told of once, with the stack of that moment: the
// thread is interrupted by a signal and writes its own return addresses down.

#pragma once

#include <pthread.h>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/loop.h"

namespace apim::gate {

// A turn that takes too long.
struct Stall {
  uint8_t worker = 0;
  uint64_t began_ns = 0;  // The turn: net::Loop::busy_since_ns().
  uint64_t busy_ms = 0;   // So far.
  // "module+0xoffset ...", innermost first: what addr2line takes. Empty when the turn ended
  // meanwhile, for the stack would be another one's, or when the thread did not answer.
  std::string stack;
};

class Watchdog {
 public:
  static constexpr uint64_t kLookMs = 50;
  static constexpr size_t kFramesMax = 24;

  // `report` runs on the watchdog's thread, once a turn of `warn_ms` or longer. `warn_ms` > 0.
  Watchdog(uint64_t warn_ms, std::function<void(const Stall&)> report);
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog();  // Every Watch is gone.

  // As long as it lives, the thread that made it is watched. It runs `loop` and outlives neither it
  // nor the watchdog.
  class Watch {
   public:
    Watch(Watchdog& watchdog, const net::Loop& loop, uint8_t worker);
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch();

   private:
    Watchdog& watchdog_;
    const net::Loop& loop_;
  };

 private:
  struct Watched {
    const net::Loop* loop;
    pthread_t thread;
    uint64_t reported_ns;  // Of the turn last told of: when it began.
    uint8_t worker;
  };

  void run();
  void look(Watched& watched);

  const uint64_t warn_ns_;
  const std::function<void(const Stall&)> report_;
  // Held while a thread is interrupted: none that is watched ends meanwhile.
  std::mutex mutex_;
  std::condition_variable wakes_;
  std::vector<Watched> watched_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace apim::gate
