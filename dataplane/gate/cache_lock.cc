#include "gate/cache_lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>

#include "base/log.h"

namespace apim::gate {
namespace {

// 0: it does not say.
pid_t holder_of(int file) {
  std::array<char, 32> text{};
  const ssize_t length = ::pread(file, text.data(), text.size(), 0);
  pid_t holder = 0;
  if (length > 0) std::from_chars(text.data(), text.data() + length, holder);
  return holder;
}

}  // namespace

std::expected<void, std::string> CacheLock::open(const std::string& cache_dir, pid_t replaces) {
  assert(file_ < 0);
  if (cache_dir.empty()) return {};
  std::error_code ignored;
  std::filesystem::create_directories(cache_dir, ignored);
  const std::string path = cache_dir + "/gateway.lock";
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) {
    log::warn("cache_lock_unavailable", {{"path", path}, {"reason", std::strerror(errno)}});
    return {};
  }
  if (replaces == 0 && take()) return {};
  if (replaces != 0 && ::flock(file_, LOCK_EX | LOCK_NB) == 0) {
    release();
    return std::unexpected(
        fmt::format("--replaces {}: that process does not hold snapshot.cache_dir {}; it serves "
                    "other settings or is stopping already",
                    replaces, cache_dir));
  }
  const pid_t holder = holder_of(file_);
  if (holder == replaces && replaces != 0) return {};
  release();
  return std::unexpected(fmt::format(
      "snapshot.cache_dir: {} belongs to the running gateway {}; give this one a directory of its "
      "own, or --replaces {} to upgrade",
      cache_dir, holder, holder));
}

bool CacheLock::try_again() { return file_ < 0 || is_held_ || take(); }

bool CacheLock::take() {
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) return false;
  is_held_ = true;
  const std::string text = fmt::format("{}\n", ::getpid());
  if (::ftruncate(file_, 0) != 0 ||
      ::pwrite(file_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    log::warn("cache_lock_unnamed", {{"errno", errno}});
  return true;
}

void CacheLock::release() {
  if (file_ >= 0) ::close(file_);
  file_ = -1;
  is_held_ = false;
}

}  // namespace apim::gate
