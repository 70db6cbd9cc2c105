// Line file: where log lines go: a file, a pipe or stderr. Whole lines, errors survived.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace apim::observe {

class LineFile {
 public:
  LineFile() = default;
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;
  ~LineFile();

  // `target` is a path or "stderr". Called again it opens the path anew; when that fails the old
  // one stays. The returned fault is SystemRefused; errno says why.
  Result<bool> open(const std::string& target);

  // Writes lines, each ending in a newline, waiting at most `wait_ms` for a pipe's reader. Returns
  // how many bytes were written; less than all: nothing was taken for `wait_ms` (errno 0) or an
  // error (errno says which).
  size_t write(std::string_view lines, uint32_t wait_ms);

 private:
  void close();
  bool wait_until_ready(uint32_t wait_ms) const;

  int fd_ = -1;
  bool owned_ = false;
  bool is_regular_ = false;
};

}  // namespace apim::observe
