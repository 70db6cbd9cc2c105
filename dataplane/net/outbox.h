// Outbox: gathers what one event writes to one stream, so that it costs one writev.
//
// One per loop. Bytes are borrowed: they stay valid until flush(), which the
// loop calls when the event's callback has returned at the latest. Opening the
// outbox for another stream flushes the first one.

#pragma once

#include <uv.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace apim::net {

class Stream;

class Outbox {
 public:
  static constexpr size_t kPartsMax = 32;
  static constexpr size_t kCopyBytesMax = 2048;

  // Appends `bytes` to what goes to `stream`. They stay valid until the end of the event.
  void put(Stream& stream, std::string_view bytes);

  // The same for bytes that die earlier; at most kCopyBytesMax.
  void put_copy(Stream& stream, std::string_view bytes);

  // Hands everything to the stream.
  void flush();

  // The stream leaves: forget what is meant for it.
  void forget(const Stream& stream) {
    if (stream_ == &stream) drop();
  }

 private:
  void drop() {
    stream_ = nullptr;
    part_count_ = 0;
    copied_bytes_ = 0;
  }
  void open(Stream& stream) {
    if (stream_ != &stream) {
      flush();
      stream_ = &stream;
    }
    if (part_count_ == kPartsMax) {
      flush();
      stream_ = &stream;
    }
  }

  Stream* stream_ = nullptr;
  size_t part_count_ = 0;
  size_t copied_bytes_ = 0;
  std::array<uv_buf_t, kPartsMax> parts_;
  std::array<char, kCopyBytesMax> copies_;
};

}  // namespace apim::net
