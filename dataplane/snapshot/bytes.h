// Bytes: private memory, 64-byte aligned, that nobody else can write or truncate.

#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

namespace apim::snapshot {

class Bytes {
 public:
  Bytes() = default;
  // Uninitialised. Aborts when memory is out: callers bound `size` first.
  explicit Bytes(size_t size);

  uint8_t* data() { return data_.get(); }
  const uint8_t* data() const { return data_.get(); }
  size_t size() const { return size_; }
  std::span<const uint8_t> view() const { return {data_.get(), size_}; }

 private:
  struct Free {
    void operator()(uint8_t* data) const { std::free(data); }
  };
  std::unique_ptr<uint8_t, Free> data_;
  size_t size_ = 0;
};

}  // namespace apim::snapshot
