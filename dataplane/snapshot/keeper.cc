#include "snapshot/keeper.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <charconv>
#include <chrono>
#include <list>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "snapshot/background.h"
#include "snapshot/cache_disk.h"
#include "snapshot/fetcher.h"
#include "snapshot/reaper.h"
#include "snapshot/report.h"
#include "snapshot/source_directory.h"

namespace apim::snapshot {
namespace {

constexpr uint64_t kReportEveryMs = 1000;
constexpr uint64_t kRetryFirstMs =
    1000;  // After a refusal, the same manifest is tried again this much later, then
constexpr uint64_t kRetryLastMs = 60000;  // twice as late each time up to this.
constexpr uint64_t kKeyFileBytesMax = 4096;

uint64_t wall_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

uint64_t mono_ms() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

// A name that may become part of a path.
bool is_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && name.front() != '.' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

// A manifest's file name begins with its epoch; 0 when it does not.
uint64_t epoch_of(const std::string& name) {
  uint64_t epoch = 0;
  std::from_chars(name.data(), name.data() + name.size(), epoch);
  return epoch;
}

// The manifest that could not be taken, so that it is not tried in a tight loop.
struct Refused {
  std::string name;
  uint64_t retry_at_ms = 0;  // Monotonic.
  uint64_t delay_ms = 0;
};

class KeeperThread : public Keeper {
 public:
  KeeperThread(KeeperSettings settings, Adopt adopt, const crypto::Ed25519PublicKey& key,
               std::unique_ptr<Source> source)
      : settings_(std::move(settings)),
        adopt_(std::move(adopt)),
        source_(std::move(source)),
        cache_(settings_.cache_dir),
        fetcher_(key, settings_.environment, cache_),
        started_ms_(wall_ms()) {}
  ~KeeperThread() override { stop(); }

  void start() override {
    assert(!thread_.joinable());
    reaper_.start();
    thread_ = std::thread([this] { run(); });
  }
  void stop() override;
  void adopted(uint64_t epoch) override;
  void retire(std::shared_ptr<const Image> image) override { reaper_.take(std::move(image)); }
  KeeperState state() const override;

 private:
  void run();
  void start_from_cache();
  void look();
  void take(const std::string& name, const Bytes& manifest);
  void hand_out(Fetched fetched, bool from_cache);
  void note_error(const std::string& name, const FetchError& error);
  void note_hub_error(const std::string& reason);
  void note_hub_is_well();
  void report();

  const KeeperSettings settings_;
  const Adopt adopt_;
  const std::unique_ptr<Source> source_;
  CacheDisk cache_;
  Fetcher fetcher_;
  Reaper reaper_;
  const uint64_t started_ms_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> report_is_due_{true};

  // The keeper's thread only.
  Standing standing_;
  std::string taken_name_;  // The source's manifest that was adopted.
  Refused refused_;
  std::string hub_error_;  // The last one told, so that it is told once.
  uint64_t next_report_ms_ = 0;

  mutable std::mutex mutex_;  // Below: shared with workers and the admin page.
  KeeperState state_;
  uint32_t acknowledged_ = 0;  // Workers that serve state_.image.
  mutable std::list<std::weak_ptr<const Image>> handed_out_;
};

void KeeperThread::stop() {
  stopping_.store(true);
  source_->interrupt();
  if (thread_.joinable()) thread_.join();
  reaper_.stop();
}

void KeeperThread::adopted(uint64_t epoch) {
  const std::lock_guard guard(mutex_);
  if (state_.image == nullptr || epoch != state_.image->epoch()) return;
  if (++acknowledged_ != settings_.worker_count) return;
  state_.epoch = epoch;
  state_.adopted_ms = wall_ms();
  state_.created_ms = state_.image->created_ms();
  report_is_due_.store(true);
  source_->interrupt();
}

KeeperState KeeperThread::state() const {
  const std::lock_guard guard(mutex_);
  std::erase_if(handed_out_, [](const auto& image) { return image.expired(); });
  KeeperState copy = state_;
  copy.live_images = handed_out_.size();
  return copy;
}

void KeeperThread::run() {
  run_in_background();
  start_from_cache();
  while (!stopping_.load()) {
    look();
    report();
    const uint64_t now_ms = mono_ms();
    const uint64_t report_in_ms = next_report_ms_ > now_ms ? next_report_ms_ - now_ms : 1;
    source_->wait(static_cast<uint32_t>(std::min<uint64_t>(settings_.poll_ms, report_in_ms)));
  }
}

void KeeperThread::start_from_cache() {
  // Without the lock (a directory that cannot be written) the cache is still read.
  const auto lock = cache_.hold();
  const auto manifest = cache_.manifest();
  if (!manifest) {
    if (!manifest.error().is_missing)
      log::warn("snapshot_cache_unreadable", {{"reason", manifest.error().reason}});
    return;
  }
  auto fetched = fetcher_.fetch(*manifest, standing_, nullptr);
  if (!fetched) {
    log::warn("snapshot_cache_refused", {{"reason", fetched.error().reason()}});
    return;
  }
  if (*fetched) hand_out(std::move(**fetched), true);
}

void KeeperThread::look() {
  const auto name = source_->current();
  if (!name) return note_hub_error(name.error().reason);
  if (!*name && !taken_name_.empty()) return note_hub_error("the hub names no snapshot any more");
  if (!*name || **name == taken_name_) return note_hub_is_well();
  if (**name == refused_.name && mono_ms() < refused_.retry_at_ms) return;
  const auto manifest = source_->manifest(**name);
  if (!manifest) return note_hub_error(manifest.error().reason);
  take(**name, *manifest);
}

void KeeperThread::take(const std::string& name, const Bytes& manifest) {
  auto fetched = fetcher_.fetch(manifest, standing_, source_.get());
  if (!fetched) return note_error(name, fetched.error());
  taken_name_ = name;
  refused_ = {};
  note_hub_is_well();
  if (!*fetched) {  // What the cache gave is still the newest.
    const std::lock_guard guard(mutex_);
    state_.from_cache = false;
    state_.refused_reason.clear();
    return;
  }
  const std::shared_ptr<const Image> image = (*fetched)->image;
  hand_out(std::move(**fetched), false);
  if (auto kept = fetcher_.keep(manifest, *image); !kept) {
    log::warn("snapshot_cache_unwritable", {{"reason", kept.error().reason}});
  }
}

void KeeperThread::hand_out(Fetched fetched, bool from_cache) {
  const Image::Counts counts = fetched.image->counts();
  log::info("snapshot_adopted", {{"epoch", fetched.image->epoch()},
                                 {"from", from_cache ? "cache" : "hub"},
                                 {"segments_read", fetched.segments_read},
                                 {"bytes_read", fetched.bytes_read},
                                 {"apis", counts.apis},
                                 {"applications", counts.applications},
                                 {"keys", counts.keys}});
  std::shared_ptr<const Image> before = std::move(standing_.image);
  standing_ = {.image = fetched.image, .manifest_digest = fetched.manifest_digest};
  {
    const std::lock_guard guard(mutex_);
    state_.image = fetched.image;
    state_.counts = counts;
    state_.from_cache = from_cache;
    state_.refused_reason.clear();
    ++state_.adopted_count;
    state_.fetched_segments += fetched.segments_read;
    state_.fetched_bytes += fetched.bytes_read;
    acknowledged_ = 0;
    handed_out_.push_back(fetched.image);
  }
  adopt_(std::move(fetched.image));
  if (before != nullptr) reaper_.take(std::move(before));
}

void KeeperThread::note_error(const std::string& name, const FetchError& error) {
  if (!error.is_refusal()) return note_hub_error(error.reason());
  const bool is_again = refused_.name == name;
  refused_.delay_ms = is_again ? std::min(refused_.delay_ms * 2, kRetryLastMs) : kRetryFirstMs;
  refused_.name = name;
  refused_.retry_at_ms = mono_ms() + refused_.delay_ms;
  if (!is_again)
    log::error("snapshot_refused",
               {{"epoch", error.epoch}, {"manifest", name}, {"reason", error.reason()}});
  const std::lock_guard guard(mutex_);
  state_.refused_epoch = error.epoch != 0 ? error.epoch : epoch_of(name);
  state_.refused_ms = wall_ms();
  state_.refused_reason = error.reason();
  if (!is_again) ++state_.refused_count;
  report_is_due_.store(true);
}

void KeeperThread::note_hub_error(const std::string& reason) {
  if (hub_error_ != reason) log::warn("hub_unreadable", {{"reason", reason}});
  hub_error_ = reason;
  const std::lock_guard guard(mutex_);
  ++state_.hub_error_count;
  state_.hub_error = reason;
}

void KeeperThread::note_hub_is_well() {
  if (hub_error_.empty()) return;
  hub_error_.clear();
  const std::lock_guard guard(mutex_);
  state_.hub_error.clear();
}

void KeeperThread::report() {
  const uint64_t now_ms = mono_ms();
  if (!report_is_due_.exchange(false) && now_ms < next_report_ms_) return;
  next_report_ms_ = now_ms + kReportEveryMs;
  const KeeperState now = state();
  const std::string json =
      to_json({.id = settings_.gateway_id,
               .environment = settings_.environment,
               .version = settings_.version,
               .host = settings_.host_name,
               .pid = getpid(),
               .workers = settings_.worker_count,
               .epoch = now.epoch,
               .adopted_ms = now.adopted_ms,
               .refused_epoch = now.refused_reason.empty() ? 0 : now.refused_epoch,
               .refused_reason = now.refused_reason,
               .started_ms = started_ms_,
               .seen_ms = wall_ms(),
               .apis = now.counts.apis,
               .keys = now.counts.keys});
  if (auto written = source_->report(settings_.gateway_id, json); !written)
    note_hub_error(written.error().reason);
}

}  // namespace

std::expected<std::unique_ptr<Keeper>, std::string> Keeper::open(KeeperSettings settings,
                                                                 Adopt adopt) {
  constexpr std::string_view kDirectory = "directory:";
  assert(settings.worker_count > 0);
  assert(adopt != nullptr);
  if (!settings.hub.starts_with(kDirectory) || settings.hub.size() == kDirectory.size()) {
    return std::unexpected(
        fmt::format("snapshot.hub '{}' is not of the form directory:PATH", settings.hub));
  }
  if (!is_file_name(settings.environment)) {
    return std::unexpected(
        fmt::format("gateway.environment '{}' may only have letters, digits, '.', '_', '-'",
                    settings.environment));
  }
  if (!is_file_name(settings.gateway_id)) {
    return std::unexpected(fmt::format(
        "gateway.id '{}' may only have letters, digits, '.', '_', '-'", settings.gateway_id));
  }
  const auto text = read_file(settings.public_key_file, kKeyFileBytesMax);
  if (!text)
    return std::unexpected(fmt::format("snapshot.public_key_file: {}", text.error().reason));
  const auto key =
      crypto::parse_ed25519_public_key({reinterpret_cast<const char*>(text->data()), text->size()});
  if (!key) {
    return std::unexpected(
        fmt::format("snapshot.public_key_file: {} is not the base64 text of a 32-byte key",
                    settings.public_key_file));
  }
  auto source = open_source_directory(settings.hub.substr(kDirectory.size()), settings.environment);
  return std::make_unique<KeeperThread>(std::move(settings), std::move(adopt), *key,
                                        std::move(source));
}

}  // namespace apim::snapshot
