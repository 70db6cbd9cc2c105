#include "net/stream.h"

#include "net/loop.h"

namespace apim::net {

void Stream::put(std::string_view bytes) { loop().outbox().put(*this, bytes); }

void Stream::put_copy(std::string_view bytes) { loop().outbox().put_copy(*this, bytes); }

bool Stream::is_congested() {
  if (queued_bytes() > kHighBytes) was_congested_ = true;
  return was_congested_;
}

}  // namespace apim::net
