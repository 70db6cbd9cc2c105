// Files: reading and replacing small trees of files so that a crash leaves the old or the new,
// never a mix.

#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

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

// Writes `path`.tmp and renames it; Synced: file and directory survive a power loss. Makes no
// directory.
std::expected<void, FileError> replace_file(const std::string& path, std::span<const uint8_t> bytes,
                                            Durability durability);
std::expected<void, FileError> replace_file(const std::string& path, std::string_view text,
                                            Durability durability);

// As mkdir -p, mode 0755.
std::expected<void, FileError> make_directories(const std::string& path);

}  // namespace apim::snapshot
