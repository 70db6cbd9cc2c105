// Access: the access log, one JSON line for each finished request.
//
//   worker 0 ── push() ──> ring ┐
//   worker 1 ── push() ──> ring ┴─ one thread: format, batch, write
//
// A worker copies a record into its own ring (no formatting) and goes on. When
// the ring is full because the disk or the reader is slow, the record is dropped
// and counted: a request never waits for its log line. A full disk loses lines,
// counted too, and logging goes on when there is room again. The process must
// ignore SIGPIPE.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "observe/access_record.h"
#include "observe/access_ring.h"

namespace apim::observe {

class AccessLog {
 public:
  // `target` is a path or "stderr". Fails (SystemRefused) when it cannot be opened; the log says
  // why.
  static Result<std::unique_ptr<AccessLog>> open(const std::string& target, size_t worker_count);
  // Writes what the rings hold, for a second at most, then stops the thread.
  ~AccessLog();

  AccessRing& ring(size_t worker);

  // Opens the path again (after a rotation). Any thread, also a signal watcher on a loop.
  void reopen();

  // Records that never became a line: rings full, or the disk refused them.
  uint64_t dropped() const;

 private:
  class Writer;
  explicit AccessLog(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace apim::observe
