#include "publish/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>

namespace apim::publish {
namespace {

constexpr mode_t kDirectoryMode = 0755;
constexpr size_t kSingleSyncsMax = 12;  // From here on one sync of the file system is cheaper.

// Closes what it holds; -1 for nothing.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

 private:
  int number_;
};

std::unexpected<model::Problem> failed(const char* doing, const std::string& path) {
  return model::refuse(file_problem(doing, path, errno));
}

std::string temporary_beside(const std::string& path) {
  static std::atomic<uint32_t> counter{0};
  return fmt::format("{}.{}.{}.tmp", path, ::getpid(), counter.fetch_add(1));
}

bool write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

std::string directory_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

Result<void> sync_path(const std::string& path) {
  const Descriptor handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!handle.is_open()) return failed("open", path);
  if (::fsync(handle.number()) != 0) return failed("sync", path);
  return {};
}

// Leaves errno alone when there is one.
bool is_directory(const std::string& path) {
  const int error = errno;
  struct stat status {};
  const bool is_there = ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
  errno = error;
  return is_there;
}

// Everything written to the file system that holds `path`.
Result<void> sync_file_system(const std::string& path) {
  const Descriptor handle(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!handle.is_open()) return failed("open", path);
  if (::syncfs(handle.number()) != 0) return failed("sync", path);
  return {};
}

}  // namespace

model::Problem file_problem(const char* doing, const std::string& path, int error) {
  return model::internal_error(
      fmt::format("cannot {} {}: {}", doing, path, std::generic_category().message(error)));
}

Result<std::string> read_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::string();
    return failed("open", path);
  }
  struct stat status {};
  if (::fstat(file.number(), &status) != 0) return failed("read", path);
  std::string bytes;
  bytes.resize(static_cast<size_t>(status.st_size));
  size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = ::read(file.number(), bytes.data() + filled, bytes.size() - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("read", path);
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  bytes.resize(filled);
  return bytes;
}

Result<std::string> write_beside(const std::string& path, std::string_view bytes, uint32_t mode) {
  const std::string temporary = temporary_beside(path);
  const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
  if (!file.is_open()) return failed("create", temporary);
  // The mode is as named, whatever the umask.
  if (::fchmod(file.number(), mode) == 0 && write_all(file.number(), bytes)) return temporary;
  const auto problem = failed("write", temporary);
  ::unlink(temporary.c_str());
  return problem;
}

Result<void> rename_file(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return {};
  const auto problem = failed("rename", from);
  ::unlink(from.c_str());
  return problem;
}

Result<void> replace_file(const std::string& path, std::string_view bytes, uint32_t mode) {
  ASSIGN_OR_REFUSE(const std::string temporary, write_beside(path, bytes, mode));
  CHECK_OR_REFUSE(sync_paths({temporary}));
  CHECK_OR_REFUSE(rename_file(temporary, path));
  return sync_paths({directory_of(path)});
}

Result<void> sync_paths(const std::vector<std::string>& paths) {
  if (paths.empty()) return {};
  if (paths.size() > kSingleSyncsMax) return sync_file_system(paths.front());
  std::vector<Result<void>> results(paths.size());
  std::vector<std::thread> threads;
  for (size_t i = 1; i < paths.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = sync_path(paths[i]); });
  }
  results[0] = sync_path(paths[0]);
  for (std::thread& thread : threads) thread.join();
  for (const Result<void>& result : results) CHECK_OR_REFUSE(result);
  return {};
}

Result<void> make_directories(const std::string& directory) {
  std::string part;
  for (const auto& name : std::filesystem::path(directory)) {
    part = (std::filesystem::path(part) / name).string();
    const bool is_made = ::mkdir(part.c_str(), kDirectoryMode) == 0;
    // Others must be able to pass, whatever the umask.
    if (is_made ? ::chmod(part.c_str(), kDirectoryMode) == 0 : is_directory(part)) continue;
    return failed("create the directory", part);
  }
  return {};
}

std::vector<std::string> list_directory(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  std::filesystem::directory_iterator at(directory, error);
  for (const std::filesystem::directory_iterator end; !error && at != end; at.increment(error)) {
    names.push_back(at->path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

Result<void> FileLock::lock(const std::string& path) {
  unlock();
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) return failed("open", path);
  while (::flock(descriptor_, LOCK_EX) != 0) {
    if (errno == EINTR) continue;
    const auto problem = failed("lock", path);
    unlock();
    return problem;
  }
  return {};
}

bool FileLock::try_lock(const std::string& path) {
  unlock();
  descriptor_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return true;
  unlock();
  return false;
}

void FileLock::unlock() {
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = -1;
}

}  // namespace apim::publish
