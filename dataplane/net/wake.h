// Wake: hands work from any thread to the loop's own thread.
//
// For rare things (a new image, a signal to drain): a lock and an allocation
// per post. Never used on a request's way.

#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "net/tenancy.h"

namespace apim::net {

class Loop;

class Wake {
 public:
  explicit Wake(Loop& loop);
  Wake(const Wake&) = delete;
  Wake& operator=(const Wake&) = delete;

  // Any thread. `work` runs once on the loop's thread, in order of posting; after leave() it is
  // dropped.
  void post(std::function<void()> work);

  // The loop's thread. What was posted and not run yet is dropped.
  void leave();

  Tenancy<Wake, 1> tenancy;
  static void departed(Wake*) {}

 private:
  void run_posted();

  std::mutex mutex_;
  bool has_left_ = false;
  std::vector<std::function<void()>> posted_;
  uv_async_t async_;
};

}  // namespace apim::net
