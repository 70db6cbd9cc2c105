// Access ring: records on their way from one worker to the log's thread, as packed bytes.
//
// One producer (the worker), one consumer (the log's thread). Records lie one
// behind the other, each whole; a record that does not fit before the end starts
// again at the beginning, behind a marker.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "observe/access_record.h"

namespace apim::observe {

class AccessRing {
 public:
  static constexpr size_t kBytes = 1 << 20;  // About 4,000 requests.

  AccessRing();
  AccessRing(const AccessRing&) = delete;
  AccessRing& operator=(const AccessRing&) = delete;

  // Copies the record. Full: counts a drop and returns false. Producer only.
  bool push(const AccessRecord& record);
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  // The oldest record; its views are valid until drop_front(). False: empty. Consumer only.
  bool front(AccessRecord* record);
  // Precondition: front() returned true.
  void drop_front();

  // An eventfd that push() writes when the ring becomes half full; -1: none. Before the first push.
  void set_wake(int fd) { wake_fd_ = fd; }

 private:
  char* reserve(size_t bytes);
  void publish(size_t bytes);

  std::unique_ptr<char[]> bytes_;
  int wake_fd_ = -1;
  // The producer's cache line. Position = counter % kBytes.
  alignas(64) std::atomic<uint64_t> written_{0};
  uint64_t read_seen_ = 0;  // What the producer knows of read_.
  std::atomic<uint64_t> dropped_{0};
  // The consumer's.
  alignas(64) std::atomic<uint64_t> read_{0};
  uint64_t front_bytes_ = 0;
};

}  // namespace apim::observe
