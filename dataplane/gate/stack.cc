#include "gate/stack.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <mutex>
#include <string_view>
#include <thread>

namespace apim::gate {
namespace {

constexpr std::chrono::milliseconds kAnswerTime{1000};
constexpr std::chrono::milliseconds kAnswerStep{1};
constexpr size_t kCapturedMax = 64;

// A handler has no argument of ours: what it fills is the process's.
//
//   Free ── stack_of() ──> Asked ── the asked thread ──> Writing ──> Written ── stack_of() ──> Free
//                            └── no answer in time ──> Free
enum class Phase : uint32_t { Free, Asked, Writing, Written };
struct Capture {
  std::atomic<Phase> phase{Phase::Free};
  std::atomic<pthread_t> thread{};
  std::array<void*, kCapturedMax> frames{};
  size_t count = 0;
  void* interrupted = nullptr;  // The instruction the signal came upon, if known.
};
constinit Capture capture;

void* interrupted_at(const void* context) {
#if defined(__x86_64__)
  return reinterpret_cast<void*>(
      static_cast<const ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return reinterpret_cast<void*>(static_cast<const ucontext_t*>(context)->uc_mcontext.pc);
#else
  (void)context;
  return nullptr;
#endif
}

// Of a signal that somebody else sent, or that comes when nobody waits any more, nothing is made.
void on_signal(int, siginfo_t*, void* context) {
  const int error = errno;
  Phase asked = Phase::Asked;
  if (capture.thread.load(std::memory_order_acquire) == pthread_self() &&
      capture.phase.compare_exchange_strong(asked, Phase::Writing, std::memory_order_acq_rel)) {
    const int count = backtrace(capture.frames.data(), static_cast<int>(kCapturedMax));
    capture.count = count > 0 ? static_cast<size_t>(count) : 0;
    capture.interrupted = interrupted_at(context);
    capture.phase.store(Phase::Written, std::memory_order_release);
  }
  errno = error;
}

std::string_view file_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

void append_frame(std::string& text, void* frame) {
  if (!text.empty()) text += ' ';
  Dl_info info{};
  if (dladdr(frame, &info) == 0 || info.dli_fname == nullptr) {
    fmt::format_to(std::back_inserter(text), "?+{:#x}", reinterpret_cast<uintptr_t>(frame));
    return;
  }
  const auto offset =
      reinterpret_cast<uintptr_t>(frame) - reinterpret_cast<uintptr_t>(info.dli_fbase);
  fmt::format_to(std::back_inserter(text), "{}+{:#x}", file_name(info.dli_fname), offset);
}

// The handler's own frames are left out where it is known which they are.
std::string captured_text(size_t frames_max) {
  const auto* begin = capture.frames.begin();
  const auto* end = begin + capture.count;
  const auto* first = std::find(begin, end, capture.interrupted);
  if (first == end) first = begin;
  std::string text;
  for (size_t i = 0; i < frames_max && first != end; ++i, ++first) append_frame(text, *first);
  return text;
}

bool is_written_in_time() {
  for (auto waited = kAnswerTime * 0; waited < kAnswerTime; waited += kAnswerStep) {
    if (capture.phase.load(std::memory_order_acquire) == Phase::Written) return true;
    std::this_thread::sleep_for(kAnswerStep);
  }
  return false;
}

}  // namespace

void prepare_stacks() {
  static std::once_flag once;
  std::call_once(once, [] {
    std::array<void*, 4> frames;
    backtrace(frames.data(), static_cast<int>(frames.size()));
    struct sigaction action {};
    action.sa_sigaction = &on_signal;
    action.sa_flags = SA_SIGINFO | SA_RESTART;
    sigfillset(&action.sa_mask);
    const int status = sigaction(kStackSignal, &action, nullptr);
    assert(status == 0);
    (void)status;
  });
}

void admit_stack_signal() {
  sigset_t admitted;
  sigemptyset(&admitted);
  sigaddset(&admitted, kStackSignal);
  pthread_sigmask(SIG_UNBLOCK, &admitted, nullptr);
}

std::string stack_of(pthread_t thread, size_t frames_max) {
  // Whoever was asked before and got no further than Writing still owns the buffer. One that
  // finished late leaves it to us.
  const Phase before = capture.phase.load(std::memory_order_acquire);
  if (before == Phase::Writing) return {};
  capture.thread.store(thread, std::memory_order_release);
  capture.phase.store(Phase::Asked, std::memory_order_release);
  const bool is_sent = pthread_kill(thread, kStackSignal) == 0;
  if (!is_sent || !is_written_in_time()) {
    Phase asked = Phase::Asked;
    if (capture.phase.compare_exchange_strong(asked, Phase::Free)) return {};
    if (asked == Phase::Writing) return {};  // It began this moment; the next caller finds it.
  }
  std::string text = captured_text(frames_max);
  capture.phase.store(Phase::Free, std::memory_order_release);
  return text;
}

}  // namespace apim::gate
