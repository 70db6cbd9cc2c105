#include "net/wake.h"

#include <cassert>

#include "net/loop.h"

namespace apim::net {

Wake::Wake(Loop& loop) {
  const int status = uv_async_init(loop.uv(), &async_, [](uv_async_t* handle) {
    static_cast<Wake*>(handle->data)->run_posted();
  });
  assert(status == 0);
  (void)status;
  tenancy.admit(this, reinterpret_cast<uv_handle_t*>(&async_));
}

void Wake::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (has_left_) return;
  posted_.push_back(std::move(work));
  uv_async_send(&async_);
}

void Wake::leave() {
  {
    const std::lock_guard lock(mutex_);
    has_left_ = true;
  }
  tenancy.leave();
}

void Wake::run_posted() {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(posted_);
  }
  for (const auto& each : work) {
    if (tenancy.leaving()) return;
    each();
  }
}

}  // namespace apim::net
