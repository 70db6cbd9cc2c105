// Tenancy: how an object that embeds libuv handles leaves the loop.
//
// libuv keeps a pointer to every handle from uv_*_init until its close
// callback has run. So an object that embeds handles must outlive all of their
// close callbacks. This file is the only one that calls uv_close; tools/tidy.py
// rejects it anywhere else.
//
//   Open ── leave() ──> Leaving ── last close callback ──> Owner::departed()

#pragma once

#include <uv.h>

#include <array>
#include <cassert>
#include <cstdint>

namespace apim::net {

// `Owner` embeds a `Tenancy<Owner, N>` named `tenancy` and its N handles as
// members, and defines `static void departed(Owner*)`, which frees it.
// Invariant: departed() runs exactly once, from the loop, after leave().
template <class Owner, uint8_t HandlesMax>
class Tenancy {
 public:
  Tenancy() = default;
  Tenancy(const Tenancy&) = delete;
  Tenancy& operator=(const Tenancy&) = delete;
  ~Tenancy() { assert(open_ == 0); }

  // Call once per handle, right after its uv_*_init returned 0.
  void admit(Owner* owner, uv_handle_t* handle) {
    assert(!leaving_);
    assert(count_ < HandlesMax);
    handle->data = owner;
    handles_[count_++] = handle;
    ++open_;
  }

  // Idempotent. Pending reads stop; pending writes complete with UV_ECANCELED
  // before departed(). Callbacks release what they carry, then check leaving().
  void leave() {
    if (leaving_) return;
    assert(count_ > 0);
    leaving_ = true;
    for (uint8_t i = 0; i < count_; ++i) uv_close(handles_[i], &on_closed);
  }

  bool leaving() const { return leaving_; }

 private:
  static void on_closed(uv_handle_t* handle) {
    Owner* owner = static_cast<Owner*>(handle->data);
    assert(owner->tenancy.open_ > 0);
    if (--owner->tenancy.open_ == 0) Owner::departed(owner);
  }

  std::array<uv_handle_t*, HandlesMax> handles_{};
  uint8_t count_ = 0;
  uint8_t open_ = 0;
  bool leaving_ = false;
};

}  // namespace apim::net
