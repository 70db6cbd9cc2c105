#include "gate/watchdog.h"

#include <cassert>
#include <chrono>
#include <ctime>

#include "gate/stack.h"

namespace apim::gate {
namespace {

// The loop's clock.
uint64_t monotonic_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

Watchdog::Watchdog(uint64_t warn_ms, std::function<void(const Stall&)> report)
    : warn_ns_(warn_ms * 1'000'000), report_(std::move(report)) {
  assert(warn_ms > 0);
  prepare_stacks();
  thread_ = std::thread([this] { run(); });
}

Watchdog::~Watchdog() {
  {
    const std::lock_guard guard(mutex_);
    assert(watched_.empty());
    is_ending_ = true;
  }
  wakes_.notify_all();
  thread_.join();
}

Watchdog::Watch::Watch(Watchdog& watchdog, const net::Loop& loop, uint8_t worker)
    : watchdog_(watchdog), loop_(loop) {
  admit_stack_signal();
  const std::lock_guard guard(watchdog_.mutex_);
  watchdog_.watched_.push_back(
      {.loop = &loop, .thread = pthread_self(), .reported_ns = 0, .worker = worker});
}

Watchdog::Watch::~Watch() {
  const std::lock_guard guard(watchdog_.mutex_);
  std::erase_if(watchdog_.watched_,
                [this](const Watched& watched) { return watched.loop == &loop_; });
}

void Watchdog::run() {
  // Signals are the main thread's.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  pthread_setname_np(pthread_self(), "watchdog");
  std::unique_lock lock(mutex_);
  while (!is_ending_) {
    for (Watched& watched : watched_) look(watched);
    wakes_.wait_for(lock, std::chrono::milliseconds(kLookMs), [this] { return is_ending_; });
  }
}

void Watchdog::look(Watched& watched) {
  const uint64_t since_ns = watched.loop->busy_since_ns();
  if (since_ns == 0 || since_ns == watched.reported_ns) return;
  const uint64_t now_ns = monotonic_ns();
  if (now_ns < since_ns + warn_ns_) return;
  watched.reported_ns = since_ns;
  Stall stall{.worker = watched.worker,
              .began_ns = since_ns,
              .busy_ms = (now_ns - since_ns) / 1'000'000,
              .stack = stack_of(watched.thread, kFramesMax)};
  if (watched.loop->busy_since_ns() != since_ns) stall.stack.clear();
  report_(stall);
}

}  // namespace apim::gate
