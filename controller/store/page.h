// Page: a window into a list, and the list's full length.

#pragma once

#include <cstdint>
#include <vector>

namespace apim::store {

struct Page {
  uint32_t limit = 25;
  uint32_t offset = 0;
};

template <class T>
struct Listing {
  std::vector<T> items;
  uint64_t total = 0;  // of all pages
};

}  // namespace apim::store
