// Current: the image this worker serves, and the older ones still draining.
//
//   keeper thread ── net/wake ──> adopt(new)      on the worker's own loop
//   exchange begins ──> pin()                     no atomics, no locks
//   exchange ends ──> ~Pin                        last one out hands the image to the reaper
//
// One Current per worker. A request never sees an image change half way.

#pragma once

#include <cassert>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace apim::snapshot {

class Image;

class Current {
  struct Lease {
    std::shared_ptr<const Image> image;  // Atomics per swap, never per request.
    uint32_t pins = 0;                   // Touched by this worker only.
  };

 public:
  class Pin {
   public:
    Pin() = default;
    Pin(Pin&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr)),
          lease_(std::exchange(other.lease_, nullptr)) {}
    Pin& operator=(Pin&& other) noexcept {
      if (this != &other) {
        release();
        owner_ = std::exchange(other.owner_, nullptr);
        lease_ = std::exchange(other.lease_, nullptr);
      }
      return *this;
    }
    ~Pin() { release(); }

    // Null for an empty pin only.
    const Image* get() const { return lease_ == nullptr ? nullptr : lease_->image.get(); }
    const Image& operator*() const { return *get(); }
    const Image* operator->() const { return get(); }
    explicit operator bool() const { return lease_ != nullptr; }
    void release() {
      if (lease_ != nullptr) owner_->unpin(lease_);
      lease_ = nullptr;
      owner_ = nullptr;
    }

   private:
    friend class Current;
    Pin(Current* owner, Lease* lease) : owner_(owner), lease_(lease) {}
    Current* owner_ = nullptr;
    Lease* lease_ = nullptr;
  };

  using Retire = std::function<void(std::shared_ptr<const Image>)>;

  // `retire` takes drained images off the loop (the reaper frees them). Called on this worker's
  // thread.
  explicit Current(Retire retire) : retire_(std::move(retire)) {}
  ~Current();

  bool has_image() const { return !leases_.empty(); }
  const Image* newest_or_null() const {
    return leases_.empty() ? nullptr : leases_.back().image.get();
  }
  size_t live_count() const { return leases_.size(); }

  // Precondition: has_image().
  Pin pin() {
    assert(!leases_.empty());
    ++leases_.back().pins;
    return Pin(this, &leases_.back());
  }

  // From now on pin() returns `image`. Older images stay until unpinned.
  void adopt(std::shared_ptr<const Image> image);

 private:
  void unpin(Lease* lease) {
    assert(lease->pins > 0);
    if (--lease->pins == 0 && lease != &leases_.back()) drop_drained();
  }
  void drop_drained();

  Retire retire_;
  std::list<Lease> leases_;  // Oldest first. Length is 1 except while draining.
};

}  // namespace apim::snapshot
