#include "snapshot/bytes.h"

#include <cassert>

#include "schemas/layout.h"

namespace apim::snapshot {

Bytes::Bytes(size_t size) : size_(size) {
  constexpr size_t kAlignment = layout::kPayloadAlignment;
  assert(size <= SIZE_MAX - kAlignment);
  const size_t room = (size + kAlignment - 1) / kAlignment * kAlignment;
  data_.reset(static_cast<uint8_t*>(std::aligned_alloc(kAlignment, room == 0 ? kAlignment : room)));
  if (data_ == nullptr) std::abort();
}

}  // namespace apim::snapshot
