// Reaper: the thread on which drained images die, so that no loop ever frees megabytes.

#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "snapshot/image.h"

namespace apim::snapshot {

class Reaper {
 public:
  Reaper() = default;
  Reaper(const Reaper&) = delete;
  Reaper& operator=(const Reaper&) = delete;
  ~Reaper() { stop(); }

  void start();
  // Idempotent. Frees what is left; later images die on the caller's thread.
  void stop();
  // From any thread. Never waits for an image to be freed.
  void take(std::shared_ptr<const Image> image);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::shared_ptr<const Image>> dying_;
  bool running_ = false;
  std::thread thread_;
};

}  // namespace apim::snapshot
