// Arena: the memory of one exchange. Bump allocation, freed all at once.
//
// Starts in a chunk that stays with the exchange's pool slot and grows by
// chunks up to `bytes_max`; past that allocate() returns null and the caller
// answers with a Fault. Nothing in it has a destructor. One thread.

#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>
#include <string_view>

namespace apim {

class Arena {
 public:
  static constexpr size_t kFirstBytes = 4096 - 64;
  static constexpr size_t kChunkBytes = 16 * 1024;

  explicit Arena(size_t bytes_max = 256 * 1024) : bytes_max_(bytes_max) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() { clear(); }

  // Uninitialised bytes aligned to `alignment` (a power of two <= 16), or null past the ceiling.
  void* allocate(size_t bytes, size_t alignment = 8) {
    assert(alignment <= 16);
    const uintptr_t start = (reinterpret_cast<uintptr_t>(at_) + alignment - 1) & ~(alignment - 1);
    if (start + bytes > reinterpret_cast<uintptr_t>(end_)) return allocate_slow(bytes, alignment);
    at_ = reinterpret_cast<char*>(start + bytes);
    return reinterpret_cast<void*>(start);
  }

  template <class T>
  T* make_array(size_t count) {
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  // A copy of `text` that lives as long as the arena's content. Empty (data null) past the ceiling.
  std::string_view copy(std::string_view text) {
    char* bytes = static_cast<char*>(allocate(text.size(), 1));
    if (bytes == nullptr) return {};
    if (!text.empty()) std::memcpy(bytes, text.data(), text.size());
    return {bytes, text.size()};
  }

  // Gives everything back but the first chunk. Every pointer into the arena dies here.
  void clear() {
    while (chunks_ != nullptr) {
      Chunk* next = chunks_->next;
      std::free(chunks_);
      chunks_ = next;
    }
    at_ = first_;
    end_ = first_ + kFirstBytes;
    bytes_ = kFirstBytes;
  }

 private:
  struct alignas(16) Chunk {
    Chunk* next;
  };

  void* allocate_slow(size_t bytes, size_t alignment) {
    const size_t room = bytes + alignment > kChunkBytes ? bytes + alignment : kChunkBytes;
    if (bytes_ + room > bytes_max_) return nullptr;
    auto* chunk = static_cast<Chunk*>(std::malloc(sizeof(Chunk) + room));
    if (chunk == nullptr) std::abort();
    chunk->next = chunks_;
    chunks_ = chunk;
    bytes_ += room;
    at_ = reinterpret_cast<char*>(chunk + 1);
    end_ = at_ + room;
    return allocate(bytes, alignment);
  }

  Chunk* chunks_ = nullptr;
  size_t bytes_max_;
  size_t bytes_ = kFirstBytes;
  char* at_ = first_;
  char* end_ = first_ + kFirstBytes;
  alignas(16) char first_[kFirstBytes];
};

}  // namespace apim
