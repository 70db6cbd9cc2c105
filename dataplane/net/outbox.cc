#include "net/outbox.h"

#include <cassert>
#include <cstring>

#include "net/stream.h"

namespace apim::net {

void Outbox::put(Stream& stream, std::string_view bytes) {
  if (bytes.empty()) return;
  open(stream);
  // libuv never writes through the pointer; its type has no const form.
  parts_[part_count_++] =
      uv_buf_init(const_cast<char*>(bytes.data()), static_cast<unsigned>(bytes.size()));
}

void Outbox::put_copy(Stream& stream, std::string_view bytes) {
  assert(bytes.size() <= kCopyBytesMax);
  if (stream_ == &stream && copied_bytes_ + bytes.size() > kCopyBytesMax) flush();
  open(stream);
  char* copy = copies_.data() + copied_bytes_;
  std::memcpy(copy, bytes.data(), bytes.size());
  copied_bytes_ += bytes.size();
  parts_[part_count_++] = uv_buf_init(copy, static_cast<unsigned>(bytes.size()));
}

void Outbox::flush() {
  if (stream_ == nullptr) return;
  Stream* stream = stream_;
  const size_t count = part_count_;
  stream_ = nullptr;
  part_count_ = 0;
  copied_bytes_ = 0;
  if (count > 0) stream->write({parts_.data(), count});
}

}  // namespace apim::net
