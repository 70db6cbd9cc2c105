#include "snapshot/source_directory.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>

#include "crypto/hex.h"
#include "snapshot/manifest.h"

namespace apim::snapshot {
namespace {

constexpr std::string_view kManifestSuffix = ".manifest";
constexpr size_t kEpochDigits = 20;

class SourceDirectory : public Source {
 public:
  SourceDirectory(const std::string& directory, const std::string& environment)
      : segments_(directory + "/segments/"),
        manifests_(directory + "/manifests/" + environment),
        gateways_(directory + "/gateways/" + environment),
        notify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)),
        interrupt_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    assert(interrupt_ >= 0);
    watch();
  }
  ~SourceDirectory() override {
    if (notify_ >= 0) close(notify_);
    close(interrupt_);
  }

  std::expected<std::optional<std::string>, FileError> current() override;
  std::expected<Bytes, FileError> manifest(const std::string& name) override {
    return read_file(manifests_ + "/" + name, kManifestBytesMax);
  }
  std::expected<Bytes, FileError> segment(const SegmentRef& ref) override {
    return read_file(segments_ + segment_file_name(ref.digest), ref.bytes);
  }
  std::expected<void, FileError> report(const std::string& gateway_id,
                                        const std::string& json) override;
  void wait(uint32_t timeout_ms) override;
  void interrupt() override {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written =
        write(interrupt_, &one, sizeof(one));  // Full: already interrupted.
  }

 private:
  // Nothing to do when the folder is watched already; it may have to be tried again until it
  // exists.
  void watch() {
    if (notify_ >= 0 && watched_ < 0)
      watched_ = inotify_add_watch(notify_, manifests_.c_str(),
                                   IN_MOVED_TO | IN_CLOSE_WRITE | IN_DELETE_SELF | IN_MOVE_SELF);
  }
  void drain();

  std::string segments_;
  std::string manifests_;
  std::string gateways_;
  int notify_;
  int watched_ = -1;
  int interrupt_;
};

// 20 digits and ".manifest": nothing that leads out of the folder.
bool is_manifest_name(std::string_view name) {
  return name.size() == kEpochDigits + kManifestSuffix.size() && name.ends_with(kManifestSuffix) &&
         std::ranges::all_of(name.substr(0, kEpochDigits),
                             [](char c) { return c >= '0' && c <= '9'; });
}

std::expected<std::optional<std::string>, FileError> SourceDirectory::current() {
  constexpr uint64_t kNameBytesMax = 64;
  const std::string path = manifests_ + "/CURRENT";
  const auto bytes = read_file(path, kNameBytesMax);
  if (!bytes && bytes.error().is_missing) return std::nullopt;
  if (!bytes) return std::unexpected(bytes.error());
  std::string_view name(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  if (name.ends_with('\n')) name.remove_suffix(1);
  if (!is_manifest_name(name))
    return std::unexpected(FileError{.reason = fmt::format("{} does not name a manifest", path)});
  return std::string(name);
}

std::expected<void, FileError> SourceDirectory::report(const std::string& gateway_id,
                                                       const std::string& json) {
  const std::string path = gateways_ + "/" + gateway_id + ".json";
  auto written = replace_file(path, json, Durability::None);
  if (written || !written.error().is_missing) return written;
  if (auto made = make_directories(gateways_); !made) return made;
  return replace_file(path, json, Durability::None);
}

void SourceDirectory::wait(uint32_t timeout_ms) {
  watch();
  std::array<pollfd, 2> waited{{{.fd = interrupt_, .events = POLLIN, .revents = 0},
                                {.fd = notify_, .events = POLLIN, .revents = 0}}};
  poll(waited.data(), waited.size(), static_cast<int>(std::min<uint32_t>(timeout_ms, INT32_MAX)));
  drain();
}

void SourceDirectory::drain() {
  uint64_t count;
  while (read(interrupt_, &count, sizeof(count)) > 0) {
  }
  alignas(inotify_event) std::array<char, 4096> buffer;
  ssize_t got;
  while (notify_ >= 0 && (got = read(notify_, buffer.data(), buffer.size())) > 0) {
    for (size_t at = 0; at < static_cast<size_t>(got);) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      // The folder itself went away: watch the one that comes in its place.
      if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0) {
        if ((event->mask & IN_MOVE_SELF) != 0) inotify_rm_watch(notify_, watched_);
        watched_ = -1;
      }
      at += sizeof(inotify_event) + event->len;
    }
  }
}

}  // namespace

std::unique_ptr<Source> open_source_directory(const std::string& directory,
                                              const std::string& environment) {
  return std::make_unique<SourceDirectory>(directory, environment);
}

std::string segment_file_name(const layout::Digest& digest) {
  const std::string hex = crypto::to_hex(digest);
  return fmt::format("{}/{}.seg", hex.substr(0, 2), hex);
}

}  // namespace apim::snapshot
