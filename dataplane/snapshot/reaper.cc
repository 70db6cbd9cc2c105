#include "snapshot/reaper.h"

#include <cassert>
#include <utility>

#include "snapshot/background.h"

namespace apim::snapshot {

void Reaper::start() {
  assert(!thread_.joinable());
  running_ = true;
  thread_ = std::thread([this] { run(); });
}

void Reaper::stop() {
  {
    const std::lock_guard guard(mutex_);
    running_ = false;
  }
  changed_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Reaper::take(std::shared_ptr<const Image> image) {
  {
    const std::lock_guard guard(mutex_);
    if (!running_) return;  // `image` dies with the parameter.
    dying_.push_back(std::move(image));
  }
  changed_.notify_one();
}

void Reaper::run() {
  run_in_background();
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return !running_ || !dying_.empty(); });
    std::vector<std::shared_ptr<const Image>> batch = std::exchange(dying_, {});
    const bool is_last = !running_;
    lock.unlock();
    batch.clear();
    lock.lock();
    if (is_last) return;
  }
}

}  // namespace apim::snapshot
