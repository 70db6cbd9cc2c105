// Access: the access log, one JSON line for each finished request.
//
//   worker 0 ── push() ──> ring ┐
//   worker 1 ── push() ──> ring ┴─ one thread: format, batch, write
//
// A worker copies a record into its own ring (packed bytes, no formatting) and
// goes on. When the ring is full because the disk or the reader is slow, the
// record is dropped and counted: a request never waits for its log line. A full
// disk loses lines, counted too, and logging goes on when there is room again.

#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace apim::observe {

// What finish() fills in. Views are copied by push(). An empty view or a zero means "not known".
struct AccessRecord {
  uint64_t wall_ms = 0;                 // Unix time of the request's head.
  uint64_t duration_us = 0;
  uint64_t backend_us = 0;              // Until the back end's response head.
  uint64_t request_bytes = 0;           // Bodies only.
  uint64_t response_bytes = 0;
  uint64_t epoch = 0;                   // Of the image that decided.
  Address client;
  Address backend;
  uint32_t application_id = 0;
  uint16_t backend_port = 0;            // 0: not forwarded.
  uint16_t status = 0;                  // 0: the client vanished before an answer.
  FaultCode fault = FaultCode::kCount;  // kCount: none.
  uint8_t worker = 0;
  bool has_query = false;               // Its content is never logged: it may hold credentials.

  std::string_view method;              // "GET"
  std::string_view key_type;            // "PRODUCTION", "SANDBOX"; empty: no key
  std::string_view request_id;
  std::string_view host;
  std::string_view path;                // Canonical, without query.
  std::string_view api_name;
  std::string_view api_version;
  std::string_view api_uuid;
  std::string_view resource;            // The operation's template: "/order/{id}"
  std::string_view application;         // Its name.
};

inline constexpr size_t kLineBytesMax = 4096;  // With its newline; longer texts are cut and "truncated":true is set.

// The line for `record`, ending in a newline. Control bytes and invalid UTF-8 are escaped. Pure.
// Returns how many of `line`'s kLineBytesMax bytes were written.
size_t format_line(const AccessRecord& record, char* line);

// Single producer (its worker), single consumer (the log's thread).
class AccessRing {
 public:
  static constexpr size_t kBytes = 1 << 20;  // About 4,000 requests.

  AccessRing();
  ~AccessRing();
  AccessRing(const AccessRing&) = delete;
  AccessRing& operator=(const AccessRing&) = delete;

  // Copies the record. Full: counts a drop and returns false. Producer only.
  bool push(const AccessRecord& record);
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

  // The oldest record, valid until drop_front(). False: empty. Consumer only.
  bool front(AccessRecord* record);
  void drop_front();

  // An eventfd that push() writes when the ring becomes half full; -1: none.
  void set_wake(int fd) { wake_fd_ = fd; }

 private:
  struct Header;
  char* reserve(size_t bytes);
  void wake() const;

  std::unique_ptr<char[]> bytes_;
  int wake_fd_ = -1;
  // Producer's line.
  alignas(64) std::atomic<uint64_t> written_{0};  // Bytes ever written; position = written % kBytes.
  uint64_t read_seen_ = 0;                        // What the producer knows of read_.
  std::atomic<uint64_t> dropped_{0};
  // Consumer's line.
  alignas(64) std::atomic<uint64_t> read_{0};
  uint64_t front_bytes_ = 0;
};

class AccessLog {
 public:
  // `target` is a path or "stderr". Fails (SystemRefused) when it cannot be opened; the reason is logged.
  static Result<std::unique_ptr<AccessLog>> open(const std::string& target, size_t worker_count);
  // Writes what the rings hold, for a second at most, then stops the thread.
  ~AccessLog();

  AccessRing& ring(size_t worker);

  // Opens the path again (after a rotation). Any thread, also from a signal watcher on a loop.
  void reopen();

  // Records that never became a line: rings full, or the disk refused them.
  uint64_t dropped() const;

 private:
  class Writer;
  explicit AccessLog(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace apim::observe
