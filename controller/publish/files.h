// Files: reading, and writing so that a crash leaves the old file or the new one.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/problem.h"

namespace apim::publish {

using model::Result;

// A problem that names the call, the file and the system's reason.
model::Problem file_problem(const char* doing, const std::string& path, int error);

// The whole file; an empty string when there is none.
Result<std::string> read_file(const std::string& path);

// Writes `path` by way of a temporary file beside it: synced, renamed, the directory synced.
Result<void> replace_file(const std::string& path, std::string_view bytes, uint32_t mode = 0644);

// The first half: a temporary file beside `path`, its name returned. Not synced.
Result<std::string> write_beside(const std::string& path, std::string_view bytes,
                                 uint32_t mode = 0644);

// Renames over `to`.
Result<void> rename_file(const std::string& from, const std::string& to);

// Syncs files and directories, all on one file system, side by side: a journal commits them
// together, so several cost little more than one.
Result<void> sync_paths(const std::vector<std::string>& paths);

// With its parents.
Result<void> make_directories(const std::string& directory);

// Names in a directory, sorted; empty when there is no directory.
std::vector<std::string> list_directory(const std::string& directory);

// A file that is locked for this open file until it is closed.
class FileLock {
 public:
  FileLock() = default;
  ~FileLock() { unlock(); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  Result<void> lock(const std::string& path);  // Waits.
  bool try_lock(const std::string& path);
  void unlock();
  bool is_locked() const { return descriptor_ >= 0; }

 private:
  int descriptor_ = -1;
};

}  // namespace apim::publish
