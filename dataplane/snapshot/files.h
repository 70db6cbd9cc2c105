// Files: reading and replacing small trees of files so that a crash leaves the old or the new,
// never a mix.

#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "snapshot/bytes.h"

namespace apim::snapshot {

// `is_missing`: there is no such file, which may be no error at all. `is_too_large`: it is whole
// but longer than it may be.
struct FileError {
  bool is_missing = false;
  bool is_too_large = false;
  std::string reason;  // With the path.
};

// The whole regular file in private memory. Refuses anything else (a fifo would block) and more
// than `bytes_max`.
std::expected<Bytes, FileError> read_file(const std::string& path, uint64_t bytes_max);

enum class Durability : uint8_t { None, Synced };

// Writes `path`.PID.NUMBER.tmp and renames it, so that writers of one path do not meet;
// Synced: file and directory survive a power loss. Makes no
// directory.
std::expected<void, FileError> replace_file(const std::string& path, std::span<const uint8_t> bytes,
                                            Durability durability);
std::expected<void, FileError> replace_file(const std::string& path, std::string_view text,
                                            Durability durability);

// A lock between processes on the file `path`, which is made if it is missing. Held as long as it
// lives; a process that dies gives it back.
class FileLock {
 public:
  enum class Kind : uint8_t { Shared, Exclusive };
  // Waits for at most `wait_ms`.
  static std::expected<FileLock, FileError> take(const std::string& path, Kind kind,
                                                 uint32_t wait_ms);
  FileLock(FileLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int file) : file_(file) {}
  int file_;
};

// As mkdir -p, mode 0755.
std::expected<void, FileError> make_directories(const std::string& path);

}  // namespace apim::snapshot
