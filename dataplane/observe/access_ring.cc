#include "observe/access_ring.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstring>

namespace apim::observe {
namespace {

// The numbers of a record are its leading bytes; the texts follow in kAccessTexts' order.
constexpr size_t kNumberBytes = offsetof(AccessRecord, method);
constexpr uint32_t kMarker = 0;  // In place of Packed::bytes: go on at the ring's start.

struct Packed {
  uint32_t bytes;  // Of the whole record, a multiple of 8.
  std::array<uint16_t, kAccessTexts.size()> text_bytes;
  alignas(8) std::array<char, kNumberBytes> numbers;
};
static_assert(kNumberBytes <= 128);

constexpr size_t round_up(size_t bytes) { return (bytes + 7) & ~size_t{7}; }

}  // namespace

AccessRing::AccessRing() : bytes_(std::make_unique_for_overwrite<char[]>(kBytes)) {}

// Room for `bytes` in one piece, or null. The bytes become visible by publish().
char* AccessRing::reserve(size_t bytes) {
  const uint64_t written = written_.load(std::memory_order_relaxed);
  const size_t position = written % kBytes;
  const size_t skipped = position + bytes > kBytes ? kBytes - position : 0;
  if (written + skipped + bytes - read_seen_ > kBytes) {
    read_seen_ = read_.load(std::memory_order_acquire);
    if (written + skipped + bytes - read_seen_ > kBytes) return nullptr;
  }
  if (skipped == 0) return bytes_.get() + position;
  std::memcpy(bytes_.get() + position, &kMarker, sizeof(kMarker));
  written_.store(written + skipped, std::memory_order_release);
  return bytes_.get();
}

void AccessRing::publish(size_t bytes) {
  const uint64_t before = written_.load(std::memory_order_relaxed);
  written_.store(before + bytes, std::memory_order_release);
  const bool crossed =
      before - read_seen_ < kBytes / 2 && before + bytes - read_seen_ >= kBytes / 2;
  if (crossed && wake_fd_ >= 0) {
    const uint64_t one = 1;
    // Fails only when the counter is at its end: the thread is awake then.
    [[maybe_unused]] const ssize_t result = write(wake_fd_, &one, sizeof(one));
  }
}

bool AccessRing::push(const AccessRecord& record) {
  std::array<uint16_t, kAccessTexts.size()> text_bytes;
  size_t bytes = sizeof(Packed);
  bool truncated = record.truncated;
  for (size_t i = 0; i < kAccessTexts.size(); ++i) {
    const size_t size = (record.*kAccessTexts[i].member).size();
    const size_t kept = std::min<size_t>(size, kAccessTexts[i].bytes_max);
    truncated |= kept < size;
    text_bytes[i] = static_cast<uint16_t>(kept);
    bytes += kept;
  }
  bytes = round_up(bytes);
  char* at = reserve(bytes);
  if (at == nullptr) {
    dropped_.store(dropped_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return false;
  }
  Packed packed{.bytes = static_cast<uint32_t>(bytes), .text_bytes = text_bytes, .numbers = {}};
  std::memcpy(packed.numbers.data(), &record, kNumberBytes);
  packed.numbers[offsetof(AccessRecord, truncated)] = static_cast<char>(truncated);
  std::memcpy(at, &packed, sizeof(packed));
  at += sizeof(packed);
  for (size_t i = 0; i < kAccessTexts.size(); ++i) {
    if (text_bytes[i] == 0) continue;  // Its view may be null.
    std::memcpy(at, (record.*kAccessTexts[i].member).data(), text_bytes[i]);
    at += text_bytes[i];
  }
  publish(bytes);
  return true;
}

bool AccessRing::front(AccessRecord* record) {
  const uint64_t written = written_.load(std::memory_order_acquire);
  uint64_t read = read_.load(std::memory_order_relaxed);
  if (read == written) return false;
  uint32_t first = 0;
  std::memcpy(&first, bytes_.get() + read % kBytes, sizeof(first));
  if (first == kMarker) {
    read += kBytes - read % kBytes;
    read_.store(read, std::memory_order_release);
    if (read == written) return false;  // The record behind the marker is not published yet.
  }
  const char* at = bytes_.get() + read % kBytes;
  Packed packed;
  std::memcpy(&packed, at, sizeof(packed));
  assert(packed.bytes >= sizeof(packed));
  assert(packed.bytes % 8 == 0);
  front_bytes_ = packed.bytes;
  std::memcpy(static_cast<void*>(record), packed.numbers.data(), kNumberBytes);
  at += sizeof(packed);
  for (size_t i = 0; i < kAccessTexts.size(); ++i) {
    record->*kAccessTexts[i].member = {at, packed.text_bytes[i]};
    at += packed.text_bytes[i];
  }
  return true;
}

void AccessRing::drop_front() {
  assert(front_bytes_ > 0);
  read_.store(read_.load(std::memory_order_relaxed) + front_bytes_, std::memory_order_release);
  front_bytes_ = 0;
}

}  // namespace apim::observe
