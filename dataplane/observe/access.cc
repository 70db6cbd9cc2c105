#include "observe/access.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <thread>
#include <vector>

#include "base/log.h"
#include "observe/line_file.h"

namespace apim::observe {
namespace {

constexpr size_t kBatchBytes = 64 * 1024;
constexpr int kTurnMs = 20;  // How long a record may wait for company.
constexpr uint32_t kReaderWaitMs = 100;
constexpr auto kDrainTime = std::chrono::seconds(1);
constexpr auto kComplaintGap = std::chrono::seconds(60);

using Clock = std::chrono::steady_clock;

}  // namespace

class AccessLog::Writer {
 public:
  Writer(std::string target, size_t worker_count);
  ~Writer();

  // Opens the target and starts the thread.
  Result<bool> start();
  AccessRing& ring(size_t worker) {
    assert(worker < rings_.size());
    return *rings_[worker];
  }
  void reopen() {
    reopen_wanted_.store(true, std::memory_order_release);
    wake();
  }
  uint64_t dropped() const;

 private:
  void run();
  void wait() const;
  void wake() const;
  void open_again();
  // Moves every waiting record into the file.
  void drain();
  void flush();
  void lose(size_t written, int error);
  bool past_deadline() const { return stopping_.load() && Clock::now() > deadline_; }

  std::string target_;
  LineFile file_;
  std::vector<std::unique_ptr<AccessRing>> rings_;
  std::vector<char> batch_;
  size_t batch_used_ = 0;
  bool line_broken_ = false;  // The file ends inside of a line.
  Clock::time_point complained_{};
  Clock::time_point deadline_{};
  int wake_fd_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> reopen_wanted_{false};
  std::atomic<uint64_t> lost_{0};
  std::thread thread_;
};

AccessLog::Writer::Writer(std::string target, size_t worker_count)
    : target_(std::move(target)), batch_(kBatchBytes + kLineBytesMax) {
  for (size_t i = 0; i < worker_count; ++i) rings_.push_back(std::make_unique<AccessRing>());
}

Result<bool> AccessLog::Writer::start() {
  wake_fd_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd_ < 0) return std::unexpected(fault(FaultCode::SystemRefused, "eventfd refused"));
  for (auto& ring : rings_) ring->set_wake(wake_fd_);
  const auto opened = file_.open(target_);
  if (!opened) {
    log::error("access_log_refused", {{"target", target_}, {"errno", errno}});
    return opened;
  }
  // Signals are for the loops: the thread inherits a full mask.
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return true;
}

AccessLog::Writer::~Writer() {
  if (thread_.joinable()) {
    deadline_ = Clock::now() + kDrainTime;
    stopping_.store(true);
    wake();
    thread_.join();
  }
  if (wake_fd_ >= 0) close(wake_fd_);
}

uint64_t AccessLog::Writer::dropped() const {
  uint64_t sum = lost_.load(std::memory_order_relaxed);
  for (const auto& ring : rings_) sum += ring->dropped();
  return sum;
}

void AccessLog::Writer::run() {
  pthread_setname_np(pthread_self(), "apim-access");
  while (!stopping_.load()) {
    wait();
    if (reopen_wanted_.exchange(false, std::memory_order_acquire)) open_again();
    drain();
  }
  drain();
}

void AccessLog::Writer::wait() const {
  pollfd ready{.fd = wake_fd_, .events = POLLIN, .revents = 0};
  poll(&ready, 1, kTurnMs);
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t result = read(wake_fd_, &count, sizeof(count));
}

void AccessLog::Writer::wake() const {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t result = write(wake_fd_, &one, sizeof(one));
}

void AccessLog::Writer::open_again() {
  drain();  // What is waiting belongs to the old file.
  if (file_.open(target_)) {
    line_broken_ = false;
    log::info("access_log_reopened", {{"target", target_}});
  } else {
    log::error("access_log_reopen_refused", {{"target", target_}, {"errno", errno}});
  }
}

void AccessLog::Writer::drain() {
  AccessRecord record;
  for (auto& ring : rings_) {
    // A busy worker must not keep the others waiting: one ring's worth a visit.
    for (size_t bytes = 0; bytes < AccessRing::kBytes && !past_deadline();) {
      if (!ring->front(&record)) break;
      const size_t line_bytes = format_line(record, batch_.data() + batch_used_);
      ring->drop_front();
      bytes += line_bytes;
      batch_used_ += line_bytes;
      if (batch_used_ >= kBatchBytes) flush();
    }
  }
  flush();
}

void AccessLog::Writer::flush() {
  if (batch_used_ == 0) return;
  if (line_broken_ && file_.write("\n", kReaderWaitMs) == 1) line_broken_ = false;
  size_t written = 0;
  int error = line_broken_ ? errno : 0;
  while (!line_broken_ && written < batch_used_) {
    const std::string_view rest(batch_.data() + written, batch_used_ - written);
    errno = 0;
    written += file_.write(rest, kReaderWaitMs);
    error = errno;
    const bool stalled = written < batch_used_ && error == 0;
    if (error != 0 || (stalled && (past_deadline() || reopen_wanted_.load()))) break;
  }
  if (written < batch_used_) lose(written, error);
  batch_used_ = 0;
}

// What is left of the batch is given up: `written` bytes of it went out.
void AccessLog::Writer::lose(size_t written, int error) {
  const std::string_view left(batch_.data() + written, batch_used_ - written);
  const auto lines = static_cast<uint64_t>(std::ranges::count(left, '\n'));
  lost_.fetch_add(lines, std::memory_order_relaxed);
  if (written > 0) line_broken_ = batch_[written - 1] != '\n';
  const auto now = Clock::now();
  if (complained_ != Clock::time_point{} && now - complained_ < kComplaintGap) return;
  complained_ = now;
  log::warn("access_log_lost", {{"target", target_}, {"errno", error}, {"records", lines}});
}

Result<std::unique_ptr<AccessLog>> AccessLog::open(const std::string& target, size_t worker_count) {
  assert(worker_count > 0);
  auto writer = std::make_unique<Writer>(target, worker_count);
  TRY([[maybe_unused]] const bool started, writer->start());
  return std::unique_ptr<AccessLog>(new AccessLog(std::move(writer)));
}

AccessLog::AccessLog(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
AccessLog::~AccessLog() = default;
AccessRing& AccessLog::ring(size_t worker) { return writer_->ring(worker); }
void AccessLog::reopen() { writer_->reopen(); }
uint64_t AccessLog::dropped() const { return writer_->dropped(); }

}  // namespace apim::observe
