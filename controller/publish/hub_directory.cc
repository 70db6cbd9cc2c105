#include "publish/hub_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>

#include "compile/manifest.h"
#include "publish/files.h"

namespace apim::publish {
namespace {

constexpr size_t kEpochDigits = 20;
constexpr std::string_view kManifestEnd = ".manifest";

std::string manifest_name(uint64_t epoch) { return fmt::format("{:020}{}", epoch, kManifestEnd); }

// The epoch in "<20 digits>.manifest".
std::optional<uint64_t> parse_manifest_name(std::string_view name) {
  if (name.size() != kEpochDigits + kManifestEnd.size() || !name.ends_with(kManifestEnd)) {
    return std::nullopt;
  }
  uint64_t epoch = 0;
  const auto [stop, error] = std::from_chars(name.data(), name.data() + kEpochDigits, epoch);
  if (error != std::errc{} || stop != name.data() + kEpochDigits) return std::nullopt;
  return epoch;
}

// A name becomes a directory; it must not lead elsewhere.
Result<void> check_environment(const std::string& name) {
  const bool is_plain = !name.empty() && name.size() <= 200 && name.front() != '.' &&
                        std::ranges::all_of(name, [](char c) {
                          const auto byte = static_cast<unsigned char>(c);
                          return byte >= 0x20 && byte != 0x7f && c != '/';
                        });
  if (is_plain) return {};
  return model::refuse(model::bad_request(
      900967, "The environment's name cannot be published",
      fmt::format("'{}' must not be empty, begin with '.' or contain '/'", name)));
}

// Milliseconds since the file was last put; nothing when it is gone.
std::optional<int64_t> age_ms(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  const auto ms = [](const timespec& at) { return at.tv_sec * 1'000 + at.tv_nsec / 1'000'000; };
  return ms(now) - ms(status.st_mtim);
}

std::string host_name() {
  std::string name(256, '\0');
  if (::gethostname(name.data(), name.size() - 1) != 0) return "localhost";
  name.resize(name.find('\0'));
  return name;
}

class HubDirectory final : public Hub {
 public:
  explicit HubDirectory(std::string directory) : directory_(std::move(directory)) {}

  bool try_claim() override {
    const std::lock_guard lock(mutex_);
    return claim_.is_locked() || claim_.try_lock(directory_ + "/publisher.lock");
  }

  void release_claim() override {
    const std::lock_guard lock(mutex_);
    claim_.unlock();
  }

  std::string claimant() const override {
    std::error_code error;
    const auto path = std::filesystem::canonical(directory_, error);
    return fmt::format("{}:{}", host_name(), error ? directory_ : path.string());
  }

  bool has_segment(const layout::Digest& digest) override {
    return ::access(segment_path(digest).c_str(), F_OK) == 0;
  }

  Result<void> put_segments(std::span<const compile::SegmentFile> files) override {
    Staged staged;
    CHECK_OR_REFUSE(stage_segments(files, staged));
    return settle(staged);
  }

  Result<std::string> get_segment(const layout::Digest& digest) override {
    return read_file(segment_path(digest));
  }

  Result<void> publish(const Issue& issue) override {
    CHECK_OR_REFUSE(check_environment(issue.environment));
    const std::string home = manifests_of(issue.environment);
    CHECK_OR_REFUSE(make_directories(home));
    CHECK_OR_REFUSE(make_directories(fmt::format("{}/gateways/{}", directory_, issue.environment)));
    FileLock lock;
    CHECK_OR_REFUSE(lock.lock(home + "/.lock"));
    CHECK_OR_REFUSE(check_epoch(issue));
    const std::string name = manifest_name(issue.epoch);
    Staged staged;
    CHECK_OR_REFUSE(stage_segments(issue.segments, staged));
    CHECK_OR_REFUSE(stage(home + "/" + name, issue.manifest, staged));
    ASSIGN_OR_REFUSE(const std::string current, write_beside(home + "/CURRENT", name + "\n"));
    staged.to_sync.push_back(current);
    CHECK_OR_REFUSE(settle(staged));
    // Only now: whatever CURRENT names has to be there.
    CHECK_OR_REFUSE(rename_file(current, home + "/CURRENT"));
    return sync_paths({home});
  }

  Result<std::string> current_manifest(const std::string& environment) override {
    ASSIGN_OR_REFUSE(const uint64_t epoch, current_epoch(environment));
    if (epoch == 0) return std::string();
    return read_file(manifests_of(environment) + "/" + manifest_name(epoch));
  }

  Result<std::string> get_manifest(const std::string& environment, uint64_t epoch) override {
    CHECK_OR_REFUSE(check_environment(environment));
    ASSIGN_OR_REFUSE(const uint64_t newest, current_epoch(environment));
    std::string file;
    if (epoch <= newest) {
      ASSIGN_OR_REFUSE(file, read_file(manifests_of(environment) + "/" + manifest_name(epoch)));
    }
    if (file.empty()) {
      return model::refuse(model::not_found(
          404, fmt::format("snapshot {} of environment '{}'", epoch, environment)));
    }
    return file;
  }

  Result<std::vector<uint64_t>> epochs(const std::string& environment) override {
    ASSIGN_OR_REFUSE(const uint64_t newest, current_epoch(environment));
    std::vector<uint64_t> out;
    for (const std::string& name : list_directory(manifests_of(environment))) {
      const std::optional<uint64_t> epoch = parse_manifest_name(name);
      if (epoch.has_value() && *epoch <= newest) out.push_back(*epoch);
    }
    std::ranges::reverse(out);
    return out;
  }

  std::vector<std::string> environments() override {
    return list_directory(directory_ + "/manifests");
  }

  Result<void> collect(size_t keep, int64_t grace_ms) override {
    std::set<std::string> named;
    for (const std::string& environment : environments()) {
      CHECK_OR_REFUSE(collect_manifests(environment, keep, named));
    }
    const std::string root = directory_ + "/segments";
    for (const std::string& folder : list_directory(root)) {
      for (const std::string& name : list_directory(root + "/" + folder)) {
        if (named.contains(name)) continue;
        const std::string path = fmt::format("{}/{}/{}", root, folder, name);
        if (age_ms(path).value_or(0) >= grace_ms) ::unlink(path.c_str());
      }
    }
    return {};
  }

  std::vector<std::string> gateway_states(const std::string& environment) override {
    std::vector<std::string> states;
    const std::string home = fmt::format("{}/gateways/{}", directory_, environment);
    for (const std::string& name : list_directory(home)) {
      if (!name.ends_with(".json")) continue;
      Result<std::string> state = read_file(home + "/" + name);
      if (state.has_value() && !state->empty()) states.push_back(std::move(*state));
    }
    return states;
  }

 private:
  // Files written beside their places, to be synced and renamed together.
  struct Staged {
    std::vector<std::pair<std::string, std::string>> renames;  // From, to.
    std::vector<std::string> to_sync;
    std::set<std::string> directories;
  };

  static Result<void> stage(const std::string& path, std::string_view bytes, Staged& staged) {
    ASSIGN_OR_REFUSE(std::string temporary, write_beside(path, bytes));
    staged.to_sync.push_back(temporary);
    staged.renames.emplace_back(std::move(temporary), path);
    staged.directories.insert(parent_of(path));
    return {};
  }

  Result<void> stage_segments(std::span<const compile::SegmentFile> files, Staged& staged) {
    for (const compile::SegmentFile& file : files) {
      const std::string path = segment_path(file.ref.digest);
      staged.directories.insert(parent_of(path));
      if (is_known(path, file.bytes.size())) continue;
      if (::access(parent_of(path).c_str(), F_OK) != 0) {
        CHECK_OR_REFUSE(make_directories(parent_of(path)));
        staged.directories.insert(directory_ + "/segments");
      }
      CHECK_OR_REFUSE(stage(path, file.bytes, staged));
    }
    return {};
  }

  // Durable under their own names afterwards.
  static Result<void> settle(const Staged& staged) {
    CHECK_OR_REFUSE(sync_paths(staged.to_sync));
    for (const auto& [from, to] : staged.renames) CHECK_OR_REFUSE(rename_file(from, to));
    return sync_paths({staged.directories.begin(), staged.directories.end()});
  }

  Result<void> check_epoch(const Issue& issue) {
    ASSIGN_OR_REFUSE(const uint64_t newest, current_epoch(issue.environment));
    if (issue.epoch > newest) return {};
    return model::refuse(
        model::conflict(900967, "The snapshot is older than the published one",
                        fmt::format("environment '{}' is at epoch {}; epoch {} cannot follow",
                                    issue.environment, newest, issue.epoch)));
  }

  // Whether a segment is there; it then counts as put now, so that collect() leaves it alone.
  static bool is_known(const std::string& path, size_t bytes) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) return false;
    return static_cast<size_t>(status.st_size) == bytes &&
           ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0) == 0;
  }

  static std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

  std::string segment_path(const layout::Digest& digest) const {
    const std::string hex = compile::to_hex(digest);
    return fmt::format("{}/segments/{}/{}.seg", directory_, hex.substr(0, 2), hex);
  }

  std::string manifests_of(const std::string& environment) const {
    return fmt::format("{}/manifests/{}", directory_, environment);
  }

  // 0: none yet.
  Result<uint64_t> current_epoch(const std::string& environment) {
    const std::string path = manifests_of(environment) + "/CURRENT";
    ASSIGN_OR_REFUSE(std::string text, read_file(path));
    if (text.empty()) return 0;
    if (text.back() == '\n') text.pop_back();
    const std::optional<uint64_t> epoch = parse_manifest_name(text);
    if (epoch.has_value()) return *epoch;
    return model::refuse(model::internal_error(
        fmt::format("{} does not name a manifest: '{}'; write the name of the newest one beside it",
                    path, text.substr(0, 60))));
  }

  // Removes old and damaged manifests and what a crash left; adds the segments of the others to
  // `named`. A damaged one that gateways are to load stops the collection: nothing is removed
  // while unsure.
  Result<void> collect_manifests(const std::string& environment, size_t keep,
                                 std::set<std::string>& named) {
    const std::string home = manifests_of(environment);
    FileLock lock;
    CHECK_OR_REFUSE(lock.lock(home + "/.lock"));
    ASSIGN_OR_REFUSE(const uint64_t newest, current_epoch(environment));
    ASSIGN_OR_REFUSE(const std::vector<uint64_t> kept, epochs(environment));
    for (size_t i = 0; i < kept.size(); ++i) {
      const std::string path = home + "/" + manifest_name(kept[i]);
      if (i >= keep) {
        ::unlink(path.c_str());
        continue;
      }
      ASSIGN_OR_REFUSE(const std::string file, read_file(path));
      const auto manifest = compile::read_unverified_manifest(file);
      if (!manifest.has_value() && kept[i] != newest) {
        spdlog::warn("manifest_removed file={} why={}", path, manifest.error());
        ::unlink(path.c_str());
        continue;
      }
      if (!manifest.has_value()) {
        return model::refuse(model::internal_error(fmt::format("{}: {}", path, manifest.error())));
      }
      for (const compile::SegmentRef& ref : manifest->content.segments) {
        named.insert(compile::to_hex(ref.digest) + ".seg");
      }
    }
    for (const std::string& name : list_directory(home)) {
      const std::optional<uint64_t> epoch = parse_manifest_name(name);
      const bool is_left = name.ends_with(".tmp") || (epoch.has_value() && *epoch > newest);
      if (is_left) ::unlink((home + "/" + name).c_str());  // Under the lock nobody is writing one.
    }
    return {};
  }

  const std::string directory_;
  std::mutex mutex_;  // Guards claim_.
  FileLock claim_;
};

}  // namespace

Result<std::unique_ptr<Hub>> open_hub_directory(const std::string& directory) {
  for (const char* part : {"segments", "manifests", "gateways"}) {
    CHECK_OR_REFUSE(make_directories(directory + "/" + part));
  }
  return std::unique_ptr<Hub>(new HubDirectory(directory));
}

}  // namespace apim::publish
