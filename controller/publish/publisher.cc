#include "publish/publisher.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cassert>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "publish/edition.h"
#include "publish/leadership.h"
#include "store/catalog.h"
#include "store/environments.h"
#include "store/outbox.h"

namespace apim::publish {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int64_t kGraceMs = 60'000;      // How long an unnamed segment may wait for its manifest.
constexpr uint64_t kOutboxKept = 10'000;  // Epochs whose rows stay for others to follow.
constexpr uint64_t kOutboxTrimStep = 1'000;
constexpr uint32_t kAttemptsMax = 1'000;  // Epochs taken to get past a hub that is ahead.
constexpr auto kFollowStep = milliseconds(5);

model::Problem unavailable(std::string description) {
  return {.http_status = 503,
          .code = 900967,
          .message = "The snapshot cannot be published now",
          .description = std::move(description)};
}

// What one read transaction gave.
struct Read {
  uint64_t epoch = 0;
  std::vector<std::string> environments;
  std::vector<model::Change> changes;
};

}  // namespace

class Publisher::Work {
 public:
  Work(store::Database& database, Hub& hub, const compile::SigningKey& key,
       const PublisherSettings& settings)
      : database_(database), hub_(hub), key_(key), settings_(settings), lead_(database, hub) {
    assert(settings.debounce_ms >= 0);
    assert(settings.debounce_ms <= 20);
    assert(settings.manifests_kept > 0);
  }

  void start() {
    assert(!thread_.joinable());
    stopping_ = false;
    woken_ = true;
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    {
      const std::lock_guard lock(state_mutex_);
      stopping_ = true;
      changed_.notify_all();
    }
    if (!thread_.joinable()) return;
    thread_.join();
    const std::lock_guard lock(work_mutex_);
    lead_.resign();
  }

  void wake() {
    const std::lock_guard lock(state_mutex_);
    woken_ = true;
    changed_.notify_all();
  }

  bool wait_published(uint64_t epoch, int64_t timeout_ms) {
    const Clock::time_point end = Clock::now() + milliseconds(std::max<int64_t>(timeout_ms, 0));
    std::unique_lock lock(state_mutex_);
    while (settled_ < epoch) {
      if (stopping_ || Clock::now() >= end) return false;
      if (!is_follower_) {
        changed_.wait_until(lock, end);
        continue;
      }
      lock.unlock();
      const bool is_there = hub_reached(epoch);
      if (!is_there) std::this_thread::sleep_for(kFollowStep);
      lock.lock();
      if (is_there) return true;
    }
    return true;
  }

  uint64_t published() const {
    const std::lock_guard lock(state_mutex_);
    return settled_;
  }

  std::map<std::string, compile::Report> reports() const {
    const std::lock_guard lock(state_mutex_);
    return reports_;
  }

  Result<uint64_t> rollback(const std::string& environment, uint64_t epoch) {
    const std::lock_guard lock(work_mutex_);
    for (uint32_t attempt = 0; attempt < kAttemptsMax; ++attempt) {
      CHECK_OR_REFUSE(settle());
      if (is_following()) {
        return model::refuse(unavailable("another controller publishes; ask that one"));
      }
      ASSIGN_OR_REFUSE(compile::Manifest old, old_manifest(environment, epoch));
      ASSIGN_OR_REFUSE(const uint64_t taken, take_quiet_epoch());
      if (taken == 0) continue;  // Something was committed meanwhile: it goes first.
      old.rollback_of = old.rollback_of != 0 ? old.rollback_of : epoch;
      old.epoch = taken;
      old.created_ms = static_cast<uint64_t>(now_ms());
      CHECK_OR_REFUSE(hub_.publish({.environment = environment,
                                    .epoch = taken,
                                    .segments = {},
                                    .manifest = compile::write_manifest(old, key_)}));
      edition_of(environment).note_published(taken);
      note_settled(taken);
      spdlog::info("snapshot_rolled_back environment={} to={} epoch={}", environment, epoch, taken);
      return taken;
    }
    return model::refuse(unavailable("changes arrive faster than a rollback can be placed"));
  }

  Result<std::vector<Publication>> publications(const std::string& environment) {
    ASSIGN_OR_REFUSE(const std::vector<uint64_t> epochs, hub_.epochs(environment));
    std::vector<Publication> out;
    for (const uint64_t epoch : epochs) {
      const Result<compile::Manifest> read = manifest(environment, epoch);
      if (!read.has_value()) continue;  // Collected between the two looks, or not readable.
      Publication publication{.epoch = epoch,
                              .created_ms = read->created_ms,
                              .rollback_of = read->rollback_of,
                              .segments = read->content.segments.size()};
      for (const compile::SegmentRef& ref : read->content.segments) publication.bytes += ref.bytes;
      publication.is_current = epoch == epochs.front();
      out.push_back(publication);
    }
    return out;
  }

  Result<compile::Manifest> manifest(const std::string& environment, uint64_t epoch) {
    ASSIGN_OR_REFUSE(const std::string file, hub_.get_manifest(environment, epoch));
    auto read = compile::read_manifest(file, key_.public_key);
    if (read.has_value()) return std::move(*read);
    return model::refuse(model::internal_error(
        fmt::format("snapshot {} of '{}': {}", epoch, environment, read.error())));
  }

  compile::PublicKey public_key() const { return key_.public_key; }

 private:
  // ---- the thread

  void run() {
    while (!is_stopping()) {
      Result<void> settled = [&] {
        const std::lock_guard lock(work_mutex_);
        return settle();
      }();
      if (!settled.has_value()) {
        spdlog::error("publish_failed reason=\"{}\"", settled.error().description);
      }
      pause(settled.has_value());
    }
  }

  // Until something is to be done; a failure is tried again at the next poll, not at once.
  void pause(bool may_be_woken) {
    std::unique_lock lock(state_mutex_);
    const auto poll = milliseconds(settings_.poll_ms);
    changed_.wait_for(lock, poll, [&] { return stopping_ || (may_be_woken && woken_); });
    if (woken_ && !stopping_) {
      changed_.wait_for(lock, milliseconds(settings_.debounce_ms), [&] { return stopping_; });
    }
    woken_ = false;
  }

  bool is_stopping() const {
    const std::lock_guard lock(state_mutex_);
    return stopping_;
  }

  bool is_following() const {
    const std::lock_guard lock(state_mutex_);
    return is_follower_;
  }

  // ---- one round: everything committed so far is in the hub afterwards. Precondition: work_mutex_
  // is held.

  Result<void> settle() {
    ASSIGN_OR_REFUSE(const Leadership::Role role, lead_.ask());
    set_follower(role == Leadership::Role::Follower);
    if (role == Leadership::Role::Follower) return {};
    if (role == Leadership::Role::NewLeader) {
      editions_.clear();
      seen_ = 0;
    }
    ASSIGN_OR_REFUSE(const Read read, read_database());
    const compile::Options options = options_now();
    bool is_published = false;
    for (const std::string& environment : read.environments) {
      ASSIGN_OR_REFUSE(const bool is_new, bring_up(environment, read, options));
      is_published = is_published || is_new;
    }
    std::erase_if(editions_, [&](const auto& entry) {
      return std::ranges::find(read.environments, entry.first) == read.environments.end();
    });
    seen_ = read.epoch;
    note_reports();
    note_settled(read.epoch);
    if (is_published) tidy_up();
    return {};
  }

  Result<Read> read_database() {
    loaded_.clear();
    return database_.read([&](store::Transaction& tx) -> Result<Read> {
      Read read;
      ASSIGN_OR_REFUSE(read.epoch, store::outbox::newest(tx));
      ASSIGN_OR_REFUSE(read.environments, store::environments::names(tx));
      ASSIGN_OR_REFUSE(read.changes, store::catalog::changes_since(tx, seen_));
      for (const std::string& environment : read.environments) {
        const auto known = editions_.find(environment);
        if (known == editions_.end()) {
          Edition edition(environment);
          ASSIGN_OR_REFUSE(edition.catalog(), store::catalog::load(tx, environment));
          loaded_.insert_or_assign(environment, std::move(edition));
        } else if (!read.changes.empty()) {
          CHECK_OR_REFUSE(store::catalog::refresh(tx, known->second.catalog(), read.changes));
        }
      }
      return read;
    });
  }

  // True when something was published.
  Result<bool> bring_up(const std::string& environment, const Read& read,
                        const compile::Options& options) {
    if (const auto loaded = loaded_.extract(environment); !loaded.empty()) {
      Edition& edition =
          editions_.insert_or_assign(environment, std::move(loaded.mapped())).first->second;
      edition.compile_all(options);
      ASSIGN_OR_REFUSE(const bool is_same, is_published_already(edition, read.epoch));
      if (is_same) return false;
      return publish(edition, read.epoch, options);
    }
    Edition& edition = edition_of(environment);
    const bool is_behind = edition.published() == 0;  // The round before failed.
    if (read.changes.empty() && !is_behind) return false;
    edition.compile(read.changes, options);
    return publish(edition, read.epoch, options);
  }

  // After a start: whether the hub has what was compiled, or a rollback that still holds.
  Result<bool> is_published_already(Edition& edition, uint64_t newest) {
    ASSIGN_OR_REFUSE(const std::string file, hub_.current_manifest(edition.environment()));
    const auto current = compile::read_manifest(file, key_.public_key);
    if (!current.has_value()) return false;
    bool is_same = current->epoch == newest && current->content == edition.content();
    if (is_same) CHECK_OR_REFUSE(edition.complete(hub_));
    if (current->rollback_of != 0 && current->epoch <= newest) {
      ASSIGN_OR_REFUSE(const auto changes, changes_after(current->epoch));
      is_same = is_same || changes.empty();
    }
    if (is_same) edition.take_as_published(current->epoch);
    return is_same;
  }

  Result<std::vector<model::Change>> changes_after(uint64_t epoch) {
    return database_.read(
        [&](store::Transaction& tx) { return store::catalog::changes_since(tx, epoch); });
  }

  Result<bool> publish(Edition& edition, uint64_t epoch, const compile::Options& options) {
    const Clock::time_point begin = Clock::now();
    edition.note_published(0);
    ASSIGN_OR_REFUSE(const std::vector<uint64_t> known, hub_.epochs(edition.environment()));
    const uint64_t newest = known.empty() ? 0 : known.front();
    uint64_t chosen = std::max<uint64_t>(epoch, 1);
    if (newest >= chosen) {  // A restored database, or the same epoch compiled differently.
      ASSIGN_OR_REFUSE(chosen, take_epoch_above(newest));
    }
    CHECK_OR_REFUSE(edition.publish(hub_, key_, chosen, options));
    spdlog::info("snapshot_published environment={} epoch={} segments={} ms={}",
                 edition.environment(), chosen, edition.content().segments.size(),
                 std::chrono::duration_cast<milliseconds>(Clock::now() - begin).count());
    return true;
  }

  Result<uint64_t> take_epoch_above(uint64_t floor) {
    for (uint32_t attempt = 0; attempt < kAttemptsMax; ++attempt) {
      ASSIGN_OR_REFUSE(const uint64_t taken,
                       database_.write([](store::Transaction& tx) { return tx.take_epoch(); }));
      if (taken > floor) return taken;
    }
    return model::refuse(unavailable(fmt::format(
        "the hub is at epoch {}, far ahead of the database; was an old backup restored?", floor)));
  }

  // A new epoch with nothing committed between what was published and it; 0 when there was
  // something.
  Result<uint64_t> take_quiet_epoch() {
    return database_.write([&](store::Transaction& tx) -> Result<uint64_t> {
      ASSIGN_OR_REFUSE(const auto changes, store::catalog::changes_since(tx, seen_));
      if (!changes.empty()) return 0;
      return tx.take_epoch();
    });
  }

  Result<compile::Manifest> old_manifest(const std::string& environment, uint64_t epoch) {
    if (!editions_.contains(environment)) {
      return model::refuse(model::not_found(404, fmt::format("environment '{}'", environment)));
    }
    ASSIGN_OR_REFUSE(compile::Manifest old, manifest(environment, epoch));
    for (const compile::SegmentRef& ref : old.content.segments) {
      if (hub_.has_segment(ref.digest)) continue;
      return model::refuse(
          model::conflict(900967, "The snapshot is not complete any more",
                          fmt::format("snapshot {} of '{}' lacks the segment {}", epoch,
                                      environment, compile::to_hex(ref.digest))));
    }
    return old;
  }

  // Old manifests, segments and outbox rows. What fails here is only a matter of space: logged.
  void tidy_up() {
    if (Clock::now() < tidy_at_) return;
    tidy_at_ = Clock::now() + std::chrono::seconds(1);
    const Result<void> collected = hub_.collect(settings_.manifests_kept, kGraceMs);
    if (!collected.has_value()) {
      spdlog::warn("collect_failed reason=\"{}\"", collected.error().description);
    }
    if (seen_ < trimmed_ + kOutboxKept + kOutboxTrimStep) return;
    trimmed_ = seen_ - kOutboxKept;
    const Result<void> trimmed =
        database_.write([&](store::Transaction& tx) { return store::outbox::trim(tx, trimmed_); });
    if (!trimmed.has_value()) {
      spdlog::warn("outbox_trim_failed reason=\"{}\"", trimmed.error().description);
    }
  }

  // ---- small things

  Edition& edition_of(const std::string& environment) {
    const auto found = editions_.find(environment);
    assert(found != editions_.end());
    return found->second;
  }

  compile::Options options_now() const {
    return {.now_s = now_ms() / 1'000, .allow_metadata = settings_.allow_metadata};
  }

  void note_settled(uint64_t epoch) {
    const std::lock_guard lock(state_mutex_);
    settled_ = std::max(settled_, epoch);
    changed_.notify_all();
  }

  void set_follower(bool is_follower) {
    const std::lock_guard lock(state_mutex_);
    is_follower_ = is_follower;
    changed_.notify_all();
  }

  void note_reports() {
    std::map<std::string, compile::Report> reports;
    for (const auto& [environment, edition] : editions_) {
      reports.emplace(environment, edition.report());
    }
    const std::lock_guard lock(state_mutex_);
    for (const auto& [environment, report] : reports) {
      const std::string text = compile::to_text(report);
      if (text.empty() || text == compile::to_text(reports_[environment])) continue;
      spdlog::warn("snapshot_incomplete environment={}\n{}", environment, text);
    }
    reports_ = std::move(reports);
  }

  bool hub_reached(uint64_t epoch) {
    const std::vector<std::string> environments = hub_.environments();
    return !environments.empty() &&
           std::ranges::all_of(environments, [&](const std::string& environment) {
             const auto epochs = hub_.epochs(environment);
             return epochs.has_value() && !epochs->empty() && epochs->front() >= epoch;
           });
  }

  store::Database& database_;
  Hub& hub_;
  const compile::SigningKey key_;
  const PublisherSettings settings_;
  std::thread thread_;

  std::mutex work_mutex_;  // Guards what follows: one round at a time.
  Leadership lead_;
  std::map<std::string, Edition> editions_;
  std::map<std::string, Edition> loaded_;  // Read and not yet compiled.
  uint64_t seen_ = 0;                      // Changes up to here are in the editions and in the hub.
  uint64_t trimmed_ = 0;
  Clock::time_point tidy_at_{};

  mutable std::mutex state_mutex_;  // Guards what follows; never held while working.
  std::condition_variable changed_;
  bool stopping_ = false;
  bool woken_ = false;
  bool is_follower_ = false;
  uint64_t settled_ = 0;
  std::map<std::string, compile::Report> reports_;
};

Publisher::Publisher(store::Database& database, Hub& hub, const compile::SigningKey& key,
                     const PublisherSettings& settings)
    : work_(std::make_unique<Work>(database, hub, key, settings)) {}

Publisher::~Publisher() { work_->stop(); }

void Publisher::start() { work_->start(); }
void Publisher::stop() { work_->stop(); }
void Publisher::wake() { work_->wake(); }

bool Publisher::wait_published(uint64_t epoch, int64_t timeout_ms) {
  return work_->wait_published(epoch, timeout_ms);
}

uint64_t Publisher::published() const { return work_->published(); }

std::map<std::string, compile::Report> Publisher::reports() const { return work_->reports(); }

Result<uint64_t> Publisher::rollback(const std::string& environment, uint64_t epoch) {
  return work_->rollback(environment, epoch);
}

Result<std::vector<Publication>> Publisher::publications(const std::string& environment) {
  return work_->publications(environment);
}

Result<compile::Manifest> Publisher::manifest(const std::string& environment, uint64_t epoch) {
  return work_->manifest(environment, epoch);
}

compile::PublicKey Publisher::public_key() const { return work_->public_key(); }

}  // namespace apim::publish
