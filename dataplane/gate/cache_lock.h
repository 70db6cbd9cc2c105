// Cache lock: one serving gateway for one snapshot.cache_dir, and with it for one gateway id.
//
// DIR/gateway.lock is locked (flock) from the start until the process drains or dies, whatever it
// dies of; it holds the process id. A process that replaces another one waits for its lock.

#pragma once

#include <sys/types.h>

#include <expected>
#include <string>

namespace apim::gate {

class CacheLock {
 public:
  CacheLock() = default;
  CacheLock(const CacheLock&) = delete;
  CacheLock& operator=(const CacheLock&) = delete;
  ~CacheLock() { release(); }

  // Takes the lock of `cache_dir`; of none when that is empty. `replaces` (0: nobody) must hold it:
  // then it is left to that process, and try_again() takes it later. The error is one line for
  // people. A directory that cannot be written needs no lock: the log says so, and nothing is held.
  std::expected<void, std::string> open(const std::string& cache_dir, pid_t replaces);

  // True: held, or there is nothing to hold.
  bool try_again();
  bool is_held() const { return is_held_; }

  // The next one may have it.
  void release();

 private:
  bool take();

  int file_ = -1;
  bool is_held_ = false;
};

}  // namespace apim::gate
