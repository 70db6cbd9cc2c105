#include "snapshot/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

namespace apim::snapshot {
namespace {

FileError error_at(const char* verb, const std::string& path) {
  const int number = errno;
  return {.is_missing = number == ENOENT,
          .reason = fmt::format("cannot {} {}: {}", verb, path, std::strerror(number))};
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  int number() const { return number_; }

 private:
  int number_;
};

// False: errno says why, or 0 when the file ended early.
bool read_exactly(int file, uint8_t* to, size_t bytes) {
  errno = 0;
  while (bytes > 0) {
    const ssize_t got = read(file, to, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    to += got;
    bytes -= static_cast<size_t>(got);
  }
  return true;
}

bool write_exactly(int file, std::span<const uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
  return true;
}

std::expected<void, FileError> sync_directory_of(const std::string& path) {
  const std::string directory = std::filesystem::path(path).parent_path().string();
  const Descriptor file(
      open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (file.number() < 0 || fsync(file.number()) != 0)
    return std::unexpected(error_at("sync", directory));
  return {};
}

// Not shared by two processes, nor by two threads of one.
std::string temporary_path(const std::string& path) {
  static std::atomic<uint64_t> number = 0;
  return fmt::format("{}.{}.{}.tmp", path, getpid(), number.fetch_add(1));
}

std::expected<void, FileError> write_new(const std::string& path, std::span<const uint8_t> bytes,
                                         Durability durability) {
  const Descriptor file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (file.number() < 0) return std::unexpected(error_at("create", path));
  if (!write_exactly(file.number(), bytes)) return std::unexpected(error_at("write", path));
  if (durability == Durability::Synced && fsync(file.number()) != 0)
    return std::unexpected(error_at("sync", path));
  return {};
}

}  // namespace

std::expected<Bytes, FileError> read_file(const std::string& path, uint64_t bytes_max) {
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number() < 0) return std::unexpected(error_at("open", path));
  struct stat status;
  if (fstat(file.number(), &status) != 0) return std::unexpected(error_at("inspect", path));
  if (!S_ISREG(status.st_mode))
    return std::unexpected(FileError{.reason = fmt::format("{} is not a regular file", path)});
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size > bytes_max) {
    return std::unexpected(
        FileError{.is_too_large = true,
                  .reason = fmt::format("{} has {} bytes, more than {}", path, size, bytes_max)});
  }
  Bytes bytes(size);
  if (read_exactly(file.number(), bytes.data(), bytes.size())) return bytes;
  if (errno != 0) return std::unexpected(error_at("read", path));
  return std::unexpected(
      FileError{.reason = fmt::format("{} became shorter while it was read", path)});
}

std::expected<void, FileError> replace_file(const std::string& path, std::span<const uint8_t> bytes,
                                            Durability durability) {
  const std::string temporary = temporary_path(path);
  if (auto written = write_new(temporary, bytes, durability); !written) {
    unlink(temporary.c_str());
    return written;
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const FileError error = error_at("rename to", path);
    unlink(temporary.c_str());
    return std::unexpected(error);
  }
  if (durability == Durability::Synced) return sync_directory_of(path);
  return {};
}

std::expected<void, FileError> replace_file(const std::string& path, std::string_view text,
                                            Durability durability) {
  return replace_file(path, std::span(reinterpret_cast<const uint8_t*>(text.data()), text.size()),
                      durability);
}

std::expected<FileLock, FileError> FileLock::take(const std::string& path, Kind kind,
                                                  uint32_t wait_ms) {
  constexpr uint32_t kLookEveryMs = 5;
  FileLock lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.file_ < 0) return std::unexpected(error_at("open", path));
  const int how = (kind == Kind::Shared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  for (uint32_t waited_ms = 0; flock(lock.file_, how) != 0; waited_ms += kLookEveryMs) {
    const bool is_busy = errno == EWOULDBLOCK || errno == EINTR;
    if (!is_busy || waited_ms >= wait_ms) return std::unexpected(error_at("lock", path));
    std::this_thread::sleep_for(std::chrono::milliseconds(kLookEveryMs));
  }
  return lock;
}

FileLock::~FileLock() {
  if (file_ >= 0) close(file_);
}

std::expected<void, FileError> make_directories(const std::string& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    return std::unexpected(
        FileError{.reason = fmt::format("cannot make {}: {}", path, error.message())});
  return {};
}

}  // namespace apim::snapshot
