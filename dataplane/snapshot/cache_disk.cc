#include "snapshot/cache_disk.h"

#include <filesystem>
#include <set>

#include "crypto/hex.h"
#include "snapshot/manifest.h"

namespace apim::snapshot {
namespace {

namespace fs = std::filesystem;

// Storing takes milliseconds; a holder that was stopped must not keep us for ever.
constexpr uint32_t kLockWaitMs = 5'000;

const FileError kNoCache{.is_missing = true, .reason = "there is no cache"};

}  // namespace

std::string CacheDisk::segment_path(const layout::Digest& digest) const {
  return directory_ + "/segments/" + crypto::to_hex(digest) + ".seg";
}

std::expected<FileLock, FileError> CacheDisk::hold() const {
  if (directory_.empty()) return std::unexpected(kNoCache);
  return FileLock::take(lock_path(), FileLock::Kind::Shared, kLockWaitMs);
}

std::expected<Bytes, FileError> CacheDisk::manifest() const {
  if (directory_.empty()) return std::unexpected(kNoCache);
  return read_file(directory_ + "/manifest", kManifestBytesMax);
}

std::expected<Bytes, FileError> CacheDisk::segment(const SegmentRef& ref) const {
  if (directory_.empty()) return std::unexpected(kNoCache);
  return read_file(segment_path(ref.digest), ref.bytes);
}

void CacheDisk::forget(const SegmentRef& ref) const {
  std::error_code ignored;
  fs::remove(segment_path(ref.digest), ignored);
}

std::expected<void, FileError> CacheDisk::store(std::span<const uint8_t> manifest,
                                                const std::vector<Entry>& segments) {
  if (directory_.empty()) return {};
  if (auto made = make_directories(directory_ + "/segments"); !made) return made;
  // Otherwise one process could drop the segments of the manifest that the other is about to write.
  const auto lock = FileLock::take(lock_path(), FileLock::Kind::Exclusive, kLockWaitMs);
  if (!lock) return std::unexpected(lock.error());
  for (const Entry& entry : segments) {
    const std::string path = segment_path(entry.digest);
    std::error_code ignored;
    // A name is its content's hash, and a rename comes after the sync: what is there with the right
    // size is whole.
    if (fs::file_size(path, ignored) == entry.file.size() && !ignored) continue;
    if (auto written = replace_file(path, entry.file, Durability::Synced); !written) return written;
  }
  if (auto written = replace_file(directory_ + "/manifest", manifest, Durability::Synced); !written)
    return written;
  drop_others(segments);
  drop_drafts();
  return {};
}

// What a process that was killed left. Nobody writes now: the lock is ours.
void CacheDisk::drop_drafts() const {
  std::error_code error;
  std::vector<fs::path> dropped;
  for (fs::directory_iterator file(directory_, error), end; !error && file != end;
       file.increment(error)) {
    const std::string name = file->path().filename().string();
    if (name.starts_with("manifest.") && name.ends_with(".tmp")) dropped.push_back(file->path());
  }
  for (const fs::path& path : dropped) fs::remove(path, error);
}

void CacheDisk::drop_others(const std::vector<Entry>& segments) const {
  std::set<std::string> kept;
  for (const Entry& entry : segments) kept.insert(crypto::to_hex(entry.digest) + ".seg");
  std::error_code error;
  std::vector<fs::path> dropped;
  for (fs::directory_iterator file(directory_ + "/segments", error), end; !error && file != end;
       file.increment(error)) {
    if (!kept.contains(file->path().filename().string())) dropped.push_back(file->path());
  }
  for (const fs::path& path : dropped) fs::remove(path, error);
}

}  // namespace apim::snapshot
